using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Removes the socket file after the server has stopped.
/// </summary>
internal sealed class SocketFileRemoval(string path) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A successor may have replaced the file already; then somebody answers there.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // gone, or busy: not ours to remove
        }

        return Task.CompletedTask;
    }
}
