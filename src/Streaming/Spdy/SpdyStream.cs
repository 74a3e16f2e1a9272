using System.Runtime.CompilerServices;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.Spdy;

/// <summary>
/// One stream of a SPDY connection. Open, it half-closes in each direction by FIN, and ends when both are closed or either side resets it:
/// <code>
///            Complete (FIN sent)                 FIN received
///   open ─────────────────────────▶ half-closed ─────────────▶ gone
///    └──────── Reset (RST sent), RST received, connection ended ──▶ gone
/// </code>
/// </summary>
internal sealed class SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers, ReceiveBudget budget, int sendWindow)
    : StreamChannel(budget)
{
    /// <summary>What a peer may send before it needs a WINDOW_UPDATE (SPDY/3.1 draft, 2.6.8).</summary>
    internal const int InitialWindow = 64 * 1024;

    private const int CreditThreshold = InitialWindow / 2;
    private readonly Lock _windowGate = new();
    private long _sendWindow = sendWindow;
    private TaskCompletionSource? _windowOpened;
    private Exception? _failure;
    private int _receiveWindow = InitialWindow;
    private int _uncredited;

    internal uint Id { get; } = id;

    internal IReadOnlyDictionary<string, string> Headers { get; } = headers;

    /// <summary>The client's side: done when the server has replied, failed when it refused.</summary>
    internal TaskCompletionSource Replied { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>FIN was sent, or the stream is gone. Changed by the connection, under its lock.</summary>
    internal bool LocalClosed { get; set; }

    /// <summary>FIN was received, or the stream is gone. Changed by the connection, under its lock.</summary>
    internal bool RemoteClosed { get; set; }

    internal override int Headroom => FrameParser.HeaderSize;

    internal override async ValueTask WriteFramedAsync(byte[] buffer, int payloadLength, CancellationToken token)
    {
        for (int sent = 0; sent < payloadLength;)
        {
            int count = await TakeWindowAsync(payloadLength - sent, token);

            // For a second part, the header overwrites payload that was sent.
            ControlQueue.WriteDataHeader(buffer.AsSpan(sent), Id, FrameFlags.None, count);
            await connection.WriteDataAsync(this, buffer.AsMemory(sent, FrameParser.HeaderSize + count), token);
            sent += count;
        }
    }

    internal override void Complete() => connection.CloseLocal(this);

    internal override void Reset() => connection.Reset(this, ResetStatus.Cancel);

    /// <summary>Bytes of a DATA frame, from the connection's reader.</summary>
    /// <returns>The bytes that were consumed on the spot, for which the peer is to be credited at the end of the batch.</returns>
    internal int Receive(ReadOnlySpan<byte> bytes)
    {
        int taken = Received.Buffered == 0 && Sink is { } sink ? sink.TryWrite(bytes) : 0;
        return taken == bytes.Length || Received.Append(bytes[taken..]) ? taken : bytes.Length;
    }

    /// <returns>False: the peer sends without regard to the window.</returns>
    internal bool ChargeReceiveWindow(int count) => Interlocked.Add(ref _receiveWindow, -count) >= 0;

    internal override void Consumed(int count)
    {
        if (Credit(count))
            connection.Kick();
    }

    /// <returns>True where a WINDOW_UPDATE was queued.</returns>
    internal bool Credit(int count)
    {
        if (!connection.CreditsPeer || RemoteClosed || Interlocked.Add(ref _uncredited, count) < CreditThreshold)
            return false;
        int credit = Interlocked.Exchange(ref _uncredited, 0);
        Interlocked.Add(ref _receiveWindow, credit);
        connection.QueueWindowUpdate(Id, credit);
        return true;
    }

    /// <returns>False where the window would overflow.</returns>
    internal bool OpenSendWindow(int delta)
    {
        TaskCompletionSource? opened;
        lock (_windowGate)
        {
            _sendWindow += delta;
            if (_sendWindow > int.MaxValue)
                return false;
            opened = _sendWindow > 0 ? _windowOpened : null;
        }

        opened?.TrySetResult();
        return true;
    }

    /// <summary>The stream is gone: writes fail from now on, and reads, unless what they read had come to its end before.</summary>
    internal void Fail(Exception failure)
    {
        bool ended = RemoteClosed;
        LocalClosed = true;
        RemoteClosed = true;
        TaskCompletionSource? opened;
        lock (_windowGate)
        {
            _failure ??= failure;
            opened = _windowOpened;
        }

        opened?.TrySetResult();
        Replied.TrySetException(failure);
        _ = Replied.Task.Exception;
        if (!ended)
            Received.Fail(failure);
        SignalGone(failure);
    }

    internal void ThrowIfUnwritable()
    {
        if (_failure is { } failure)
            throw new StreamResetException(failure.Message, failure);
        if (LocalClosed)
            throw new StreamResetException($"SPDY stream {Id} was closed for writing.");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> TakeWindowAsync(int wanted, CancellationToken token)
    {
        while (true)
        {
            ThrowIfUnwritable();
            Task opened;
            lock (_windowGate)
            {
                int count = connection.PeerControlsFlow ? (int)Math.Min(wanted, _sendWindow) : wanted;
                if (count > 0)
                {
                    _sendWindow -= count;
                    return count;
                }

                if (_windowOpened is null or { Task.IsCompleted: true })
                    _windowOpened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                opened = _windowOpened.Task;
            }

            await opened.WaitAsync(token);
        }
    }
}
