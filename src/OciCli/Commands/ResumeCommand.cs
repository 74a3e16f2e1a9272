using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>resume: lets a paused container go on.</summary>
internal static class ResumeCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        string id = new Arguments(arguments, [], [], operands: int.MaxValue).Single("the container's id");
        ContainerPause.Resume(Container.Open(options.Store, id));
        return 0;
    }
}
