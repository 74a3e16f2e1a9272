using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>ps: the processes of a container, by their numbers on the host.</summary>
internal static class PsCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, [], ["--format|-f"], operands: int.MaxValue);
        Container container = Container.Open(options.Store, given.Single("the container's id"));
        IReadOnlyCollection<int> pids = [.. CgroupProcesses.ListTree(container.Cgroup.Directories[0].Path).Order()];
        string text = (given.Value("--format") ?? "table") switch
        {
            "json" => $"[{string.Join(',', pids)}]",
            "table" => string.Join('\n', pids.Select(static pid => $"{pid,-8} {CommandOf(pid)}")),
            string format => throw new UsageException($"--format {format}: only table and json are known"),
        };
        Output.Line(text);
        return 0;
    }

    /// <summary>Empty for a process that ended meanwhile.</summary>
    private static string CommandOf(int pid)
    {
        string path = $"/proc/{pid}/cmdline";
        try
        {
            return File.ReadAllText(path).TrimEnd('\0').Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
