using CriRuntime.Linux;
using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>run: create and start in one, and, unless detached, wait for the end and delete.</summary>
internal static class RunCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = CreationOptions.Parse(arguments, ["--detach|-d", "--keep"]);
        CreationRequest request = CreationOptions.Request(options, given, gated: false);
        using CreatedContainer created = new ContainerCreation(options.Store, options.Log.Warn).Create(request, CreationOptions.OwnStdio());
        try
        {
            ContainerHooks.Poststart(created.Container);
        }
        catch (OciException)
        {
            ContainerDeletion.Delete(created.Container, options.Log.Warn);
            throw;
        }

        if (given.Has("--detach"))
            return 0;
        ExitStatus end = SignalForwarding.AwaitEnd(created.Process);
        if (!given.Has("--keep"))
            ContainerDeletion.Delete(created.Container, options.Log.Warn);
        return end.ExitCode;
    }
}
