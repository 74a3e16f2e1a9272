using System.Net.WebSockets;

namespace CriRuntime.Bench.Streams;

/// <summary>
/// The client's side of an exec, attach or port-forward by v4.channel.k8s.io, which every runtime serves: a message's first byte is its
/// channel (stdin, stdout, stderr, error of an exec; data and error of a port). For one task at a time per direction.
/// </summary>
internal sealed class ChannelClient : IDisposable
{
    internal const byte Stdin = 0;
    internal const byte Error = 3;
    internal const byte PortData = 0;
    internal const byte PortError = 1;

    // One for all, so that a connection costs what it costs on the wire, and not a client's start.
    private static readonly HttpMessageInvoker s_http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(30) });

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer;
    private int _channel = -1;

    private ChannelClient(int bufferSize)
    {
        _buffer = new byte[bufferSize];
        _socket.Options.AddSubProtocol("v4.channel.k8s.io");
    }

    /// <summary>Claims the URL that Exec, Attach or PortForward answered.</summary>
    internal static async Task<ChannelClient> ConnectAsync(string url, CancellationToken limit, int bufferSize = 4096)
    {
        ChannelClient client = new(bufferSize);
        try
        {
            await client._socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws" }.Uri, s_http, limit);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The next piece; valid until the next call. Null when the server has closed.</summary>
    internal async ValueTask<ChannelPiece?> ReceiveAsync(CancellationToken limit)
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseSent))
            return null;
        ValueWebSocketReceiveResult part;
        try
        {
            part = await _socket.ReceiveAsync(_buffer.AsMemory(), limit);
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely)
        {
            // Some servers close the connection without the closing handshake.
            return null;
        }

        if (part.MessageType == WebSocketMessageType.Close)
            return null;
        int start = _channel < 0 && part.Count > 0 ? 1 : 0;
        int channel = start == 1 ? _buffer[0] : _channel;
        _channel = part.EndOfMessage ? -1 : channel;
        return new ChannelPiece(channel, _buffer.AsMemory(start, part.Count - start), part.EndOfMessage);
    }

    /// <param name="message">The channel's number, then the payload.</param>
    internal ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken limit) =>
        _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, limit);

    /// <summary>Says that it leaves, and waits until the server has closed too.</summary>
    internal async Task CloseAsync(CancellationToken limit)
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit);
        while (await ReceiveAsync(limit) is not null)
        {
            // What was under way is of no interest any more.
        }
    }

    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
    }
}

/// <summary>Bytes of one channel: a message, or a part of one.</summary>
internal readonly record struct ChannelPiece(int Channel, ReadOnlyMemory<byte> Bytes, bool EndOfMessage);
