using System.Net.Sockets;

namespace CriRuntime.Streaming.Http;

/// <summary>A socket that is read and written directly.</summary>
internal sealed class SocketTransport(Socket socket) : IUpgradedTransport
{
    public Stream Stream { get; } = new NetworkStream(socket, ownsSocket: true);

    public void Abort() => Stream.Dispose();

    public bool PeerHasClosed() => !HttpUpgradeTransport.IsEstablished(socket);
}
