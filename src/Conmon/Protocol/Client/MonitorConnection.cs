using System.Collections.Concurrent;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// One connection to a monitor: requests go out under an id, replies are matched by it, events are handed on in order.
/// Received frames are handled on the reactor's thread; whoever waits goes on on the thread pool.
/// </summary>
internal sealed class MonitorConnection : IDisposable
{
    // One per thread, not per monitor: frames are received on the reactor's thread, and encoded without a wait in between.
    [ThreadStatic]
    private static byte[]? s_received;

    [ThreadStatic]
    private static byte[]? s_encoded;

    private readonly SeqPacketSocket _socket;
    private readonly Reactor _reactor;
    private readonly Action<FrameHeader, ReadOnlyMemory<byte>> _onEvent;
    private readonly ConcurrentDictionary<uint, PendingRequest> _pending = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _closing = new();
    private Reactor.Registration? _registration;
    private MonitorException? _failure;
    private uint _lastId;

    internal MonitorConnection(SeqPacketSocket socket, Reactor reactor, Action<FrameHeader, ReadOnlyMemory<byte>> onEvent)
    {
        _socket = socket;
        _reactor = reactor;
        _onEvent = onEvent;
    }

    /// <summary>Raised once, on the reactor's thread, when the connection is lost or closed.</summary>
    internal event Action<MonitorException>? Failed;

    internal SeqPacketSocket Socket => _socket;

    internal void Start()
    {
        lock (_closing)
            _registration = _reactor.Watch(_socket.Descriptor, Readiness.Readable, OnReadable);
    }

    /// <summary>Sends a request and waits for its reply. The descriptors stay the caller's.</summary>
    /// <exception cref="MonitorException">The monitor refused it, or is gone.</exception>
    internal async Task<MonitorReply> RequestAsync<T>(
        MessageType type, T message, CancellationToken cancellationToken, ReadOnlyMemory<FileDescriptor> descriptors = default)
        where T : IPayload
    {
        uint id = Interlocked.Increment(ref _lastId);
        PendingRequest pending = new();
        _pending[id] = pending;
        try
        {
            if (_failure is { } failure)
                throw failure;
            await SendAsync(Encode(type, id, message), descriptors, cancellationToken).ConfigureAwait(false);
            return await pending.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The reply may have come in the same moment, and with it a descriptor that nobody will take.
            pending.Abandon();
            throw;
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Closes the connection; requests in flight fail with the given reason.</summary>
    internal void Close(MonitorException reason)
    {
        lock (_closing)
        {
            if (_failure is not null)
                return;
            _failure = reason;
            _registration?.Dispose();
            _socket.Dispose();
        }

        foreach (PendingRequest pending in _pending.Values)
            pending.Fail(reason);
        Failed?.Invoke(reason);
    }

    public void Dispose() => Close(new MonitorException(MonitorErrorKind.Gone, "the connection to the monitor was closed"));

    private static byte[] Encode<T>(MessageType type, uint id, T message)
        where T : IPayload
    {
        byte[] frame = s_encoded ??= new byte[FrameHeader.MaxFrame];
        PayloadWriter writer = new(frame.AsSpan(FrameHeader.Size));
        message.Write(ref writer);
        new FrameHeader(type, MessageFlags.None, id, writer.Length).Write(frame);
        return frame[..(FrameHeader.Size + writer.Length)];
    }

    private async Task SendAsync(byte[] frame, ReadOnlyMemory<FileDescriptor> descriptors, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (!TrySend(frame, descriptors.Span))
            {
                // Watched as a second descriptor: the first one is in the epoll set for reading.
                using FileDescriptor second = _socket.Descriptor.Duplicate();
                await _reactor.WaitAsync(second, Readiness.Writable, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private bool TrySend(byte[] frame, ReadOnlySpan<FileDescriptor> descriptors)
    {
        lock (_closing)
        {
            if (_failure is { } failure)
                throw failure;
            try
            {
                return _socket.TrySend(frame, descriptors);
            }
            catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET)
            {
                throw new MonitorException(MonitorErrorKind.Gone, "the monitor has closed the connection");
            }
        }
    }

    private void OnReadable(Readiness readiness)
    {
        try
        {
            // A bounded number of frames a turn: other monitors share this thread.
            for (int i = 0; i < 16; i++)
            {
                List<FileDescriptor> descriptors = [];
                int length = TryReceive(descriptors);
                if (length < 0)
                    return;
                if (length == 0)
                {
                    Close(new MonitorException(MonitorErrorKind.Gone, "the monitor has closed the connection"));
                    return;
                }

                Handle(s_received.AsMemory(0, length), descriptors);
            }
        }
        catch (IOException e)
        {
            // LinuxException and ProtocolException: the stream of frames cannot be trusted any more.
            Close(new MonitorException(MonitorErrorKind.Gone, $"the connection to the monitor failed: {e.Message}"));
        }
    }

    // Locked, because a socket that another thread closes meanwhile may be another's by its number.
    private int TryReceive(List<FileDescriptor> descriptors)
    {
        lock (_closing)
            return _failure is null ? _socket.TryReceive(s_received ??= new byte[FrameHeader.MaxFrame], descriptors) : -1;
    }

    private void Handle(ReadOnlyMemory<byte> frame, List<FileDescriptor> descriptors)
    {
        FrameHeader header = FrameHeader.Read(frame.Span);
        ReadOnlyMemory<byte> payload = frame[FrameHeader.Size..];
        if ((header.Flags & MessageFlags.Event) != 0)
        {
            _onEvent(header, payload);
        }
        else if (_pending.TryGetValue(header.RequestId, out PendingRequest? pending))
        {
            bool succeeded = (header.Flags & (MessageFlags.Reply | MessageFlags.Error)) == MessageFlags.Reply;
            if (succeeded && header.Type is (MessageType.Exec or MessageType.Attach))
                _onEvent(header, payload);
            pending.Receive(header, payload, descriptors);
            return;
        }

        foreach (FileDescriptor unclaimed in descriptors)
            unclaimed.Dispose();
    }
}
