using System.Globalization;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Cgroups.Stats;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Commands;

/// <summary>events: statistics once, or every few seconds, with a line for each kill for want of memory, until the container ends.</summary>
internal static class EventsCommand
{
    private const int StandardInterval = 5000; // milliseconds

    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, ["--stats"], ["--interval"], operands: int.MaxValue);
        Container container = Container.Open(options.Store, given.Single("the container's id"));
        if (container.Status() == ContainerStatus.Stopped)
            throw new OciException($"container {container.Record.Id} is not running");
        StatsReader reader = new(container.Cgroup);
        if (given.Has("--stats"))
            Print(container, reader);
        else
            Follow(container, reader, Milliseconds(given.Value("--interval")));
        return 0;
    }

    private static void Follow(Container container, StatsReader reader, int interval)
    {
        using FileDescriptor? process = container.OpenProcess();
        OomCounter counter = new(container.Cgroup);
        ulong told = counter.Read();
        while (process is not null && !HostFile.AwaitReadable(process, interval))
        {
            for (ulong now = counter.Read(); told < now; told++)
                Output.Line(ContainerEvents.Oom(container.Record.Id));
            Print(container, reader);
        }
    }

    private static void Print(Container container, StatsReader reader) =>
        Output.Line(ContainerEvents.Stats(container.Record.Id, reader.Read(StatsParts.All)));

    /// <summary>Go's notation for a whole number of one unit: <c>500ms</c>, <c>5s</c>, <c>1m</c>.</summary>
    private static int Milliseconds(string? text)
    {
        if (text is null)
            return StandardInterval;
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        int unit = digits < 1 ? 0 : text[digits..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, _ => 0 };
        if (unit == 0 || !int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0 || number > int.MaxValue / unit)
            throw new UsageException($"--interval {text}: not a time such as 500ms, 5s or 1m");
        return number * unit;
    }
}
