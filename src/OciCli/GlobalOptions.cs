using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli;

/// <summary>What stands before the command, as runc has it.</summary>
internal sealed record GlobalOptions(ContainerStore Store, RuntimeLog Log, bool SystemdCgroup)
{
    private const string DefaultRoot = "/run/cri-oci";

    /// <returns>The options, and where the command stands.</returns>
    internal static (GlobalOptions Options, int Command) Parse(string[] args)
    {
        int command = 0;
        while (command < args.Length && args[command].StartsWith('-'))
            command += TakesValue(args[command]) ? 2 : 1;
        if (command > args.Length)
            throw new UsageException($"{args[^1]} needs a value");
        Arguments given = new(args.AsSpan(0, command), ["--debug", "--systemd-cgroup", "--help|-h", "--version|-v"], ["--root", "--log", "--log-format", "--criu", "--rootless"], operands: int.MaxValue);
        if (given.Value("--log-format") is { } format and not ("text" or "json"))
            throw new UsageException($"--log-format {format}: only text and json are known");
        if (given.Has("--help"))
            command = args.Length;
        if (given.Has("--version"))
            return (Options(given), -1);
        return (Options(given), command);
    }

    private static GlobalOptions Options(Arguments given) => new(
        new ContainerStore(Path.GetFullPath(given.Value("--root") ?? DefaultRoot)),
        new RuntimeLog(given.Value("--log"), given.Value("--log-format") == "json", given.Has("--debug")),
        given.Has("--systemd-cgroup"));

    private static bool TakesValue(string word) =>
        word is "--root" or "--log" or "--log-format" or "--criu" or "--rootless";
}
