using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>create: a container whose process waits to be started.</summary>
internal static class CreateCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = CreationOptions.Parse(arguments, []);
        CreationRequest request = CreationOptions.Request(options, given, gated: true);
        using CreatedContainer created = new ContainerCreation(options.Store, options.Log.Warn).Create(request, CreationOptions.OwnStdio());
        return 0;
    }
}
