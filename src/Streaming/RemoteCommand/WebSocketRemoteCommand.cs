using CriRuntime.Streaming.WebSockets;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>Exec and attach over WebSocket: the channels are numbered, and all there from the start.</summary>
internal static class WebSocketRemoteCommand
{
    private const int Stdin = 0;
    private const int Stdout = 1;
    private const int Stderr = 2;
    private const int Error = 3;
    private const int Resize = 4;

    internal static async Task ServeAsync(HttpContext context, RemoteCommandOptions options, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions streaming)
    {
        UpgradedWebSocket? upgrade = await UpgradedWebSocket.AcceptAsync(context, RemoteCommandProtocol.OverWebSocket);
        if (upgrade is null)
            return;
        ChannelCodec codec = upgrade.Protocol is RemoteCommandProtocol.Base64V1 or RemoteCommandProtocol.Base64V4 ? ChannelCodec.Base64 : ChannelCodec.Binary;
        ChannelWebSocket socket = new(upgrade, channels: 5, codec, RemoteCommandProtocol.HasCloseSignal(upgrade.Protocol), streaming);
        RemoteCommandChannels channels = new(
            socket.Channels[Error],
            options.Stdin ? socket.Channels[Stdin] : null,
            options.Stdout ? socket.Channels[Stdout] : null,
            options.HasStderr ? socket.Channels[Stderr] : null,
            options.Tty ? socket.Channels[Resize] : null);
        DiscardUnused(socket, channels);
        Task reading = socket.RunAsync();
        try
        {
            await GreetAsync(channels, socket.Closed);
            await RemoteCommandSession.RunAsync(channels, RemoteCommandProtocol.HasJsonStatus(upgrade.Protocol), run, streaming, socket.Closed);
        }
        finally
        {
            await socket.CloseAsync();
            await reading;
        }
    }

    /// <summary>An empty message on the first channel that the client reads tells it that the connection stands.</summary>
    private static async Task GreetAsync(RemoteCommandChannels channels, CancellationToken clientGone)
    {
        Channels.StreamChannel first = channels.Stdout ?? channels.Stderr ?? channels.Error;
        try
        {
            await first.WriteFramedAsync(new byte[first.Headroom], 0, clientGone);
        }
        catch (Exception e) when (e is StreamResetException or OperationCanceledException)
        {
            // The client is gone already: the handler learns by its token.
        }
    }

    private static void DiscardUnused(ChannelWebSocket socket, RemoteCommandChannels channels)
    {
        foreach (WebSocketChannel channel in socket.Channels)
        {
            if (channel != channels.Stdin && channel != channels.Resize)
                channel.Received.Abandon();
        }
    }
}
