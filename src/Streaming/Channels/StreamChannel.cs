using System.Buffers;
using System.Runtime.CompilerServices;

namespace CriRuntime.Streaming.Channels;

/// <summary>
/// One of the byte streams that share a connection, whatever the framing. Whoever owns the other end of it must abandon
/// <see cref="Received"/> when done, so that buffers return.
/// </summary>
internal abstract class StreamChannel(ReceiveBudget budget)
{
    /// <summary>The most payload that goes into one frame; keeps one stream from holding the connection long.</summary>
    internal const int MaximumPayload = 64 * 1024;

    private readonly Lock _goneGate = new();
    private Action<Exception>? _whenGone;
    private Exception? _gone;

    internal ReceiveQueue Received { get; } = new(budget);

    /// <summary>Takes received bytes straight from the connection's buffer while nothing is queued. Set it before bytes are read.</summary>
    internal IDirectSink? Sink { get; set; }

    /// <summary>Bytes to leave free before a payload, for the frame's header.</summary>
    internal abstract int Headroom { get; }

    /// <summary>
    /// Sends the payload that lies in <paramref name="buffer"/> after <see cref="Headroom"/> bytes, which are overwritten: one frame,
    /// one write, no copy. Cancelling gives up waiting for the connection, never a frame half written.
    /// </summary>
    /// <exception cref="StreamResetException">The stream or the connection is gone.</exception>
    internal abstract ValueTask WriteFramedAsync(byte[] buffer, int payloadLength, CancellationToken token);

    /// <summary>Nothing more will be sent: the half-close, where the protocol has one.</summary>
    internal abstract void Complete();

    /// <summary>Ends both directions at once, where the protocol can say so.</summary>
    internal abstract void Reset();

    /// <summary>Has <paramref name="action"/> called, once, when the stream was reset or the connection has ended; at once where that is past.</summary>
    internal void WhenGone(Action<Exception> action)
    {
        Exception? gone;
        lock (_goneGate)
        {
            gone = _gone;
            _whenGone = action;
        }

        if (gone is not null)
            action(gone);
    }

    protected void SignalGone(Exception reason)
    {
        Action<Exception>? action;
        lock (_goneGate)
        {
            if (_gone is not null)
                return;
            _gone = reason;
            action = _whenGone;
        }

        action?.Invoke(reason);
    }

    /// <summary>Called for bytes that the reader is done with.</summary>
    internal virtual void Consumed(int count)
    {
    }

    /// <returns>The bytes read; zero at the end.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token)
    {
        while (await Received.WaitAsync(token))
        {
            ReadOnlyMemory<byte> available = Received.Peek();
            int count = Math.Min(available.Length, buffer.Length);
            available.Span[..count].CopyTo(buffer.Span);
            Received.Advance(count);
            Consumed(count);
            if (available.Length > 0)
                return count;
        }

        return 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Headroom + Math.Min(bytes.Length, MaximumPayload));
        try
        {
            while (!bytes.IsEmpty)
            {
                int count = Math.Min(bytes.Length, MaximumPayload);
                bytes.Span[..count].CopyTo(buffer.AsSpan(Headroom));
                await WriteFramedAsync(buffer, count, token);
                bytes = bytes[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
