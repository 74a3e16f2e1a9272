using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>kill: a signal to the container's first process, or to all.</summary>
internal static class KillCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, ["--all|-a"], [], operands: int.MaxValue);
        if (given.Operands.Count is 0 or > 2)
            throw new UsageException("kill needs the container's id and at most one signal");
        int signal = SignalNames.Parse(given.Operands.Count == 2 ? given.Operands[1] : "SIGTERM");
        Container.Open(options.Store, given.Operands[0]).Kill(signal, given.Has("--all"));
        return 0;
    }
}
