using System.Globalization;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Commands;

/// <summary>update: other limits for a live container, from a file of resources, or from options.</summary>
internal static class UpdateCommand
{
    private static readonly string[] Options =
    [
        "--resources|-r", "--memory", "--memory-reservation", "--memory-swap", "--cpu-shares|--cpu-share", "--cpu-quota", "--cpu-period",
        "--cpu-burst", "--cpu-idle", "--cpuset-cpus", "--cpuset-mems", "--pids-limit", "--blkio-weight",
    ];

    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, [], Options, operands: int.MaxValue);
        Container container = Container.Open(options.Store, given.Single("the container's id"));
        if (container.Status() == ContainerStatus.Stopped)
            throw new OciException($"container {container.Record.Id} is not running");
        LinuxResources resources = given.Value("--resources") is { } file
            ? SpecJson.ParseResources(File.ReadAllBytes(file == "-" ? "/dev/stdin" : file))
            : FromOptions(given);
        ResourceValidation.Check(resources, "resources");
        container.Update(resources);
        return 0;
    }

    private static LinuxResources FromOptions(Arguments given) => new()
    {
        Memory = Any(given, "--memory") ? new MemoryResources
        {
            Limit = Bytes(given, "--memory"),
            Reservation = Bytes(given, "--memory-reservation"),
            Swap = Bytes(given, "--memory-swap"),
        } : null,
        Cpu = Any(given, "--cpu") ? new CpuResources
        {
            Shares = Unsigned(given, "--cpu-shares"),
            Quota = Signed(given, "--cpu-quota"),
            Period = Unsigned(given, "--cpu-period"),
            Burst = Unsigned(given, "--cpu-burst"),
            Idle = Signed(given, "--cpu-idle"),
            Cpus = given.Value("--cpuset-cpus"),
            Mems = given.Value("--cpuset-mems"),
        } : null,
        Pids = Signed(given, "--pids-limit") is { } pids ? new PidsResources { Limit = pids } : null,
        BlockIo = Unsigned(given, "--blkio-weight") is { } weight ? new BlockIoResources { Weight = checked((ushort)Math.Min(weight, ushort.MaxValue)) } : null,
    };

    private static bool Any(Arguments given, string prefix)
    {
        foreach (string option in Options)
        {
            if (option.StartsWith(prefix, StringComparison.Ordinal) && given.Value(option.Split('|')[0]) is not null)
                return true;
        }
        return false;
    }

    private static long? Signed(Arguments given, string option)
    {
        if (given.Value(option) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= -1
            ? number
            : throw new UsageException($"{option} {text}: not a number");
    }

    private static ulong? Unsigned(Arguments given, string option) => Signed(given, option) switch
    {
        null => null,
        < 0 => throw new UsageException($"{option} {given.Value(option)}: not a number from 0 on"),
        { } number => (ulong)number,
    };

    /// <summary>Bytes, or with k, m, g a multiple by 1024; -1 for no limit.</summary>
    private static long? Bytes(Arguments given, string option)
    {
        if (given.Value(option) is not { Length: > 0 } text)
            return null;
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        ReadOnlySpan<char> digits = shift > 0 || text[^1] is 'b' or 'B' ? text.AsSpan(0, text.Length - 1) : text;
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= -1 && number <= long.MaxValue >> shift
            ? number < 0 ? number : number << shift
            : throw new UsageException($"{option} {text}: not an amount such as 67108864, 64m or -1");
    }
}
