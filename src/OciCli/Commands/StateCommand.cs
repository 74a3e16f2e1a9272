using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>state: a container as JSON.</summary>
internal static class StateCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        string id = new Arguments(arguments, [], [], operands: int.MaxValue).Single("the container's id");
        Output.Line(ContainerReports.Json(Container.Open(options.Store, id).Report()));
        return 0;
    }
}
