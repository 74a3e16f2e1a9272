using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>start: lets a created container's process execute its program.</summary>
internal static class StartCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        string id = new Arguments(arguments, [], [], operands: int.MaxValue).Single("the container's id");
        ContainerStart.Start(Container.Open(options.Store, id));
        return 0;
    }
}
