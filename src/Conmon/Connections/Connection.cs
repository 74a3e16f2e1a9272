using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Connections;

/// <summary>One daemon's connection. Sending never waits: what the socket does not take is queued, and a peer that lets the queue grow is cut off.</summary>
internal sealed class Connection : EventSource
{
    private const int MaxQueued = 1024;
    private const int FramesPerTurn = 8;

    private readonly EventLoop _loop;
    private readonly SeqPacketSocket _socket;
    private readonly ConnectionSet _set;
    private readonly Queue<(byte[] Frame, FileDescriptor? Descriptor)> _queue = new();
    private readonly List<FileDescriptor> _received = [];

    internal Connection(EventLoop loop, SeqPacketSocket socket, ConnectionSet set)
        : base(socket.Descriptor)
    {
        _loop = loop;
        _socket = socket;
        _set = set;
        loop.Add(this, Readiness.Readable);
    }

    /// <summary>True once the connection was closed by either side; sending does nothing then.</summary>
    internal bool Closed { get; private set; }

    internal override void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Writable) != 0)
            Flush();
        for (int i = 0; i < FramesPerTurn && !Closed; i++)
        {
            if (!ReceiveOne())
                return;
        }
    }

    /// <summary>Sends a message, with at most one descriptor, which stays the caller's.</summary>
    internal void Send<T>(MessageType type, MessageFlags flags, uint requestId, T payload, FileDescriptor? descriptor = null)
        where T : IPayload
    {
        if (Closed)
            return;
        Span<byte> frame = _set.SendBuffer;
        PayloadWriter writer = new(frame[FrameHeader.Size..]);
        payload.Write(ref writer);
        new FrameHeader(type, flags, requestId, writer.Length).Write(frame);
        frame = frame[..(FrameHeader.Size + writer.Length)];
        if (_queue.Count == 0 && TrySend(frame, descriptor))
            return;
        Enqueue(frame, descriptor);
    }

    internal void Close()
    {
        if (Closed)
            return;
        Closed = true;
        _loop.Remove(this);
        _socket.Dispose();
        while (_queue.TryDequeue(out (byte[] Frame, FileDescriptor? Descriptor) queued))
            queued.Descriptor?.Dispose();
        _set.OnClosed(this);
    }

    private bool ReceiveOne()
    {
        try
        {
            int length = _socket.TryReceive(_set.ReceiveBuffer, _received);
            if (length < 0)
                return false;
            if (length == 0)
            {
                Close();
                return false;
            }

            _set.Handle(this, _set.ReceiveBuffer[..length], _received);
            return true;
        }
        catch (Exception e) when (e is LinuxException or ProtocolException)
        {
            // A frame without a sound header cannot even be answered.
            _set.Log.Warning($"a daemon's connection was closed: {e.Message}");
            Close();
            return false;
        }
        finally
        {
            // Whoever wanted one has made it a process's own by now.
            foreach (FileDescriptor descriptor in _received)
                descriptor.Dispose();
            _received.Clear();
        }
    }

    private void Enqueue(ReadOnlySpan<byte> frame, FileDescriptor? descriptor)
    {
        if (Closed)
            return;
        if (_queue.Count >= MaxQueued)
        {
            _set.Log.Warning("a daemon's connection was closed: it does not read");
            Close();
            return;
        }

        if (_queue.Count == 0)
            _loop.Modify(this, Readiness.Readable | Readiness.Writable);
        _queue.Enqueue((frame.ToArray(), descriptor?.Duplicate()));
    }

    private void Flush()
    {
        while (!Closed && _queue.TryPeek(out (byte[] Frame, FileDescriptor? Descriptor) next))
        {
            if (!TrySend(next.Frame, next.Descriptor))
                return;
            // A send that failed has closed the connection and emptied the queue.
            if (_queue.TryDequeue(out next))
                next.Descriptor?.Dispose();
        }

        if (!Closed)
            _loop.Modify(this, Readiness.Readable);
    }

    /// <summary>False when the socket is full; a socket that is broken counts as sent, and is closed.</summary>
    private bool TrySend(ReadOnlySpan<byte> frame, FileDescriptor? descriptor)
    {
        try
        {
            return descriptor is null ? _socket.TrySend(frame) : _socket.TrySend(frame, [descriptor]);
        }
        catch (LinuxException)
        {
            Close();
            return true;
        }
    }
}
