using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>pause: brings every process of a container to a stand.</summary>
internal static class PauseCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        string id = new Arguments(arguments, [], [], operands: int.MaxValue).Single("the container's id");
        ContainerPause.Pause(Container.Open(options.Store, id));
        return 0;
    }
}
