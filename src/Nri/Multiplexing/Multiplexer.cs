using System.Buffers;
using System.Buffers.Binary;

namespace CriRuntime.Nri.Multiplexing;

/// <summary>
/// Several logical connections over one stream (containerd/nri pkg/net/multiplex). A frame is
/// <code>
/// connection id (32 bits, big endian) | length of the payload (32 bits, big endian) | payload
/// </code>
/// Payloads are handed on as they arrive and never held here. Frames for a connection that nobody has opened are skipped.
/// </summary>
internal sealed class Multiplexer(Stream trunk) : IDisposable
{
    /// <summary>What containerd/nri sends at most in one frame: the largest ttRPC message with its header.</summary>
    internal const int MaxPayload = (4 << 20) + 10;

    private const int HeaderSize = 8;

    /// <summary>
    /// The Go side reads a frame in one piece into the buffer that its reader happens to offer: 4096 bytes for the beginning of a message, then exactly the
    /// rest. Messages must therefore be cut there and nowhere else.
    /// </summary>
    private const int FirstPayload = 4096;

    private readonly Dictionary<uint, IByteSink> _connections = [];
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>To be called before <see cref="RunAsync"/>.</summary>
    internal void Open(uint connection, IByteSink sink) => _connections.Add(connection, sink);

    /// <summary>Reads until the stream ends, which is when this returns.</summary>
    /// <exception cref="ProtocolException">A frame is too large, or the stream ends inside one.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            while (await ReadHeaderAsync(buffer, cancellationToken).ConfigureAwait(false))
            {
                uint connection = BinaryPrimitives.ReadUInt32BigEndian(buffer);
                uint length = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
                if (length > MaxPayload)
                    throw new ProtocolException($"a frame of {length} bytes, and {MaxPayload} are allowed");
                await PassOnAsync(_connections.GetValueOrDefault(connection), (int)length, buffer, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes one ttRPC message. Several callers take turns.</summary>
    internal async Task WriteAsync(uint connection, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            int first = Math.Min(message.Length, FirstPayload);
            await WriteFrameAsync(connection, message[..first], cancellationToken).ConfigureAwait(false);
            if (first < message.Length)
                await WriteFrameAsync(connection, message[first..], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task<bool> ReadHeaderAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        int read = await trunk.ReadAtLeastAsync(buffer.AsMemory(0, HeaderSize), HeaderSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read is 0 or HeaderSize ? read > 0 : throw new ProtocolException("the connection ended inside a frame");
    }

    private async Task PassOnAsync(IByteSink? sink, int length, byte[] buffer, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            int read = await trunk.ReadAsync(buffer.AsMemory(0, Math.Min(length, buffer.Length)), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new ProtocolException("the connection ended inside a frame");
            sink?.Receive(buffer.AsSpan(0, read));
            length -= read;
        }
    }

    private async Task WriteFrameAsync(uint connection, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent(HeaderSize + payload.Length);
        try
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame, connection);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)payload.Length);
            payload.CopyTo(frame.AsMemory(HeaderSize));
            await trunk.WriteAsync(frame.AsMemory(0, HeaderSize + payload.Length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }
}
