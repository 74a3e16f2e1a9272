using System.CommandLine;
using CriRuntime.CriServer.Configuration;
using CriRuntime.CriServer.Hosting;

namespace CriRuntime.CriServer.Commands;

/// <summary><c>criruntime</c> without a command: serves the CRI until SIGTERM or SIGINT. Containers are left alone.</summary>
internal static class ServeCommand
{
    internal static RootCommand Create(ServerOptions options)
    {
        RootCommand command = new("criruntime: a Kubernetes CRI runtime. Without a command it serves the CRI.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(options.Load(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        await using WebApplication server = await ServerApplication.CreateAsync(configuration, cancellationToken);
        try
        {
            await server.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop before it had started.
            return 0;
        }

        return 0;
    }
}
