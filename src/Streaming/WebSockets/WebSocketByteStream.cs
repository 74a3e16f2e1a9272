using System.Net.WebSockets;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>A WebSocket used as a pipe of bytes, for SPDY tunnelled in it: where messages begin and end means nothing.</summary>
internal sealed class WebSocketByteStream(WebSocket socket) : AsyncOnlyStream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read of nothing would wait for data on other streams; here the caller learns at its next read.
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
                return 0;
            if (received.MessageType != WebSocketMessageType.Binary)
                throw new IOException("A text message in a tunnel of bytes.");
            if (received.Count > 0)
                return received.Count;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
