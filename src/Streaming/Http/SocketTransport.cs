using System.Net.Sockets;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.Http;

/// <summary>A socket that is read and written directly.</summary>
/// <param name="received">What was read of it before.</param>
internal sealed class SocketTransport(Socket socket, ReadOnlyMemory<byte> received = default) : IUpgradedTransport
{
    public Stream Stream { get; } = new SocketStream(socket, received);

    public void Abort() => socket.Dispose();

    public bool PeerHasClosed() => !HttpUpgradeTransport.IsEstablished(socket);

    private sealed class SocketStream(Socket socket, ReadOnlyMemory<byte> received) : AsyncOnlyStream
    {
        private ReadOnlyMemory<byte> _received = received;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_received.IsEmpty)
                return socket.ReceiveAsync(buffer, cancellationToken);
            int count = Math.Min(buffer.Length, _received.Length);
            _received.Span[..count].CopyTo(buffer.Span);
            _received = _received[count..];
            return ValueTask.FromResult(count);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
                buffer = buffer[await socket.SendAsync(buffer, cancellationToken)..];
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
