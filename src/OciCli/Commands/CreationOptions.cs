using CriRuntime.Linux;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Running;

namespace CriRuntime.OciCli.Commands;

/// <summary>What create and run have in common.</summary>
internal static class CreationOptions
{
    private static readonly LaunchStdio Own = new(new FileDescriptor(0), new FileDescriptor(1), new FileDescriptor(2));

    internal static Arguments Parse(ReadOnlySpan<string> arguments, ReadOnlySpan<string> moreFlags)
    {
        Arguments given = new(
            arguments,
            ["--no-pivot", "--no-new-keyring", .. moreFlags],
            ["--bundle|-b", "--console-socket", "--pid-file", "--preserve-fds"],
            operands: int.MaxValue);
        if (given.Has("--no-pivot"))
            throw new UsageException("--no-pivot: a container that did not pivot could leave its root; the option is refused");
        return given;
    }

    internal static CreationRequest Request(GlobalOptions options, Arguments given, bool gated) => new()
    {
        Id = given.Single("the container's id"),
        Bundle = Path.GetFullPath(given.Value("--bundle") ?? "."),
        Gated = gated,
        ConsoleSocket = given.Value("--console-socket"),
        PidFile = given.Value("--pid-file"),
        PreservedDescriptors = given.Number("--preserve-fds"),
        SystemdCgroup = options.SystemdCgroup,
    };

    /// <summary>This process's own descriptors, which the container inherits. They stay open as long as this process.</summary>
    internal static LaunchStdio OwnStdio() => Own;
}
