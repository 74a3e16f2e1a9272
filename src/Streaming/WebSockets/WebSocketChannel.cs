using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>
/// One numbered channel of a WebSocket. The protocol cannot tell a client that one has ended, all end with the connection: so the end of what is sent on
/// one ends what is received on it too, for the client would not know when to stop.
/// </summary>
internal sealed class WebSocketChannel(ChannelWebSocket owner, byte number, ReceiveBudget budget) : StreamChannel(budget)
{
    internal byte Number { get; } = number;

    internal override int Headroom => 1;

    internal override ValueTask WriteFramedAsync(byte[] buffer, int payloadLength, CancellationToken token) => owner.WriteAsync(this, buffer, payloadLength, token);

    internal override void Complete() => Received.Complete();

    internal override void Reset()
    {
    }

    /// <summary>The connection has ended.</summary>
    internal void Fail(Exception reason)
    {
        Received.Fail(reason);
        SignalGone(reason);
    }
}
