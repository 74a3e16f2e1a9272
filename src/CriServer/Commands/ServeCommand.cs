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

    /// <summary>Runs a server until it is told to stop.</summary>
    /// <exception cref="OperationCanceledException">Something else gave up than the one who stops it.</exception>
    internal static async Task RunAsync(WebApplication server, CancellationToken cancellationToken)
    {
        // Of a signal the server may know before the token does.
        CancellationToken stopping = server.Lifetime.ApplicationStopping;
        try
        {
            await server.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop before it had started: there is nothing to finish.
        }
    }

    private static async Task<int> RunAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        StartMemory.Reserve();
        try
        {
            await using WebApplication server = await ServerApplication.CreateAsync(configuration, cancellationToken);
            await RunAsync(server, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop before there was a server.
        }

        return 0;
    }
}
