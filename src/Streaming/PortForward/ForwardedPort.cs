using System.Net.Sockets;
using System.Text;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.PortForward;

/// <summary>One connection that is forwarded: a channel for its bytes, one for the message when it cannot be made.</summary>
internal static class ForwardedPort
{
    internal static async Task RunAsync(
        int port, StreamChannel data, StreamChannel error, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options, CancellationToken clientGone)
    {
        error.Received.Abandon();
        try
        {
            if (await ConnectAsync(port, data, error, connect, options, clientGone) is { } socket)
                await new SocketPump(data, socket).RunAsync();
        }
        finally
        {
            data.Received.Abandon();
            data.Complete();
            error.Complete();
        }
    }

    private static async Task<Socket?> ConnectAsync(
        int port, StreamChannel data, StreamChannel error, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options, CancellationToken clientGone)
    {
        try
        {
            return await connect(port, clientGone);
        }
        catch (Exception e)
        {
            // Whatever it is, it concerns this one connection.
            if (e is not (SocketException or IOException or OperationCanceledException))
                options.Report?.Invoke($"Connecting to port {port} failed.", e);
            data.Received.Abandon();
            await TellAsync(error, $"error forwarding port {port}: {e.Message}", clientGone);
            return null;
        }
    }

    private static async Task TellAsync(StreamChannel error, string message, CancellationToken clientGone)
    {
        try
        {
            await error.WriteAsync(Encoding.UTF8.GetBytes(message), clientGone);
        }
        catch (Exception e) when (e is StreamResetException or OperationCanceledException)
        {
            // Nobody is there to be told.
        }
    }
}
