using CriRuntime.Streaming.Http;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>The transport of a protocol that is tunnelled in a WebSocket.</summary>
internal sealed class WebSocketTunnel(UpgradedWebSocket upgrade) : IUpgradedTransport
{
    public Stream Stream { get; } = new WebSocketByteStream(upgrade.Socket);

    public void Abort() => upgrade.Transport.Abort();

    public bool PeerHasClosed() => upgrade.Transport.PeerHasClosed();
}
