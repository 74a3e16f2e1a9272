using System.Buffers;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Http;

namespace CriRuntime.Streaming.Spdy;

/// <summary>
/// A SPDY/3.1 connection, either side. One task reads (<see cref="RunAsync"/>), any number write; whoever holds <c>_writing</c> has the wire.
/// The reader never waits for the wire: its answers go through <see cref="ControlQueue"/>.
/// </summary>
/// <remarks>
/// The peers are spdystream (Docker's Go library under kubectl, crictl and the kubelet), which knows no flow control. Hence:
/// sending keeps to windows only from the first WINDOW_UPDATE or initial window setting that the peer sends; receiving sends WINDOW_UPDATEs
/// until the peer overruns its window once. In their stead memory is bounded by <see cref="ReceiveBudget"/>. The client's side does as
/// spdystream does: neither.
/// </remarks>
internal sealed partial class SpdyConnection : IFrameReceiver, IAsyncDisposable
{
    private const int ReadBufferSize = 256 * 1024;

    // Reads shorter than this look interactive: give the buffer back while waiting for the next.
    private const int BulkRead = 16 * 1024;
    private readonly IUpgradedTransport _transport;
    private readonly ISpdyStreamAcceptor _acceptor;
    private readonly StreamingOptions _options;
    private readonly SpdyRole _role;
    private readonly FrameParser _parser;
    private readonly HeaderDecoder _decoder;
    private readonly ControlQueue _control = new();
    private readonly ReceiveBudget _budget;
    private readonly TransportWatch _watch;
    private readonly CancellationTokenSource _closed = new();
    private Exception? _failure;
    private Task _reading = Task.CompletedTask;
    private volatile bool _closing;

    internal SpdyConnection(IUpgradedTransport transport, SpdyRole role, ISpdyStreamAcceptor acceptor, StreamingOptions options)
    {
        _transport = transport;
        _role = role;
        _acceptor = acceptor;
        _options = options;
        _parser = new FrameParser(this);
        _decoder = new HeaderDecoder(options.MaximumHeaderBytes);
        _budget = new ReceiveBudget(options.StreamReceiveLimit, options.ConnectionReceiveLimit);
        _watch = new TransportWatch(transport, options, _budget, Fail);
        CreditsPeer = role == SpdyRole.Server;
        _nextOwnId = role == SpdyRole.Client ? 1u : 2u;
    }

    /// <summary>Cancelled when the connection ended, for whatever reason.</summary>
    internal CancellationToken Closed => _closed.Token;

    /// <summary>Why the connection ended, where that was not the peer's closing it.</summary>
    internal Exception? Failure => _failure;

    /// <summary>Bytes that came in and wait for their readers.</summary>
    internal long BytesHeld => _budget.Held;

    /// <summary>Starts reading; the task ends, never faulted, when the connection does.</summary>
    internal Task RunAsync() => _reading = ReadAsync();

    /// <summary>Says GOAWAY, waits (bounded) for the peer to close, and ends the connection. Unread input is discarded.</summary>
    internal async Task CloseAsync()
    {
        _closing = true;
        _budget.Lift();
        Queue(static (control, state) => control.GoAway(state, 0), _lastPeerId);
        await FlushAsync();
        try
        {
            await _reading.WaitAsync(_options.LingerTimeout, _options.Clock);
        }
        catch (TimeoutException)
        {
            _transport.Abort();
        }

        await _reading;
        await _writing.WaitAsync();
        _control.Dispose();
        _writing.Release();
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    private async Task ReadAsync()
    {
        byte[]? buffer = null;
        try
        {
            int filled = 0;
            int last = 0;
            while (true)
            {
                if (filled == 0 && last < BulkRead)
                {
                    Return(ref buffer);
                    last = await _transport.Stream.ReadAsync(Memory<byte>.Empty);
                }

                buffer ??= ArrayPool<byte>.Shared.Rent(ReadBufferSize);
                last = await _transport.Stream.ReadAsync(buffer.AsMemory(filled));
                if (last == 0)
                    break;
                _watch.Active();
                filled = Consume(buffer, filled + last);
                if (_goneAway && _role == SpdyRole.Client)
                    return;
                if (_budget.IsExceeded)
                {
                    last = 0;
                    await _budget.WaitForRoomAsync();
                }
            }

            if (filled > 0 || !_parser.AtFrameBoundary)
                throw new IOException("The connection ended within a frame.");
        }
        catch (SpdyProtocolException e)
        {
            await RefuseAsync(e);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            Fail(e);
        }
        finally
        {
            Return(ref buffer);
            End();
        }
    }

    /// <returns>The bytes left over, moved to the buffer's beginning.</returns>
    private int Consume(byte[] buffer, int filled)
    {
        int used = _parser.Consume(buffer.AsSpan(0, filled));
        CreditLast();
        Kick();
        int rest = filled - used;
        if (rest > 0 && used > 0)
            buffer.AsSpan(used, rest).CopyTo(buffer);
        return rest;
    }

    private async Task RefuseAsync(SpdyProtocolException e)
    {
        _options.Report?.Invoke("A SPDY peer broke the protocol.", e);
        _control.TryGoAway(_lastPeerId);

        // The peer may not read: this must not hold the connection open longer than a closing does.
        Task flushed = FlushAsync();
        await Task.WhenAny(flushed, Task.Delay(_options.LingerTimeout, _options.Clock));
        Fail(e);
        await flushed;
    }

    private void End()
    {
        _watch.Dispose();
        _decoder.Dispose();
        StreamResetException gone = new("The client's connection ended.", _failure);
        foreach (SpdyStream stream in TakeStreams())
            stream.Fail(gone);
        _ = _closed.CancelAsync();
    }

    /// <summary>Ends the connection at once; the reader and the writers notice.</summary>
    private void Fail(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _budget.Lift();
        _transport.Abort();
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
