namespace CriRuntime.Streaming.Spdy;

internal sealed partial class SpdyConnection
{
    private readonly Lock _streamsGate = new();
    private readonly Dictionary<uint, SpdyStream> _streams = [];
    private uint _nextOwnId;
    private uint _lastPeerId;
    private bool _ended;

    /// <summary>Streams open now.</summary>
    internal int OpenStreams
    {
        get
        {
            lock (_streamsGate)
                return _streams.Count;
        }
    }

    /// <summary>Opens a stream; the client's side. Whether the server takes it, <see cref="SpdyStream.Replied"/> says.</summary>
    internal SpdyStream Open(IReadOnlyDictionary<string, string> headers, bool fin = false)
    {
        SpdyStream stream;
        lock (_streamsGate)
        {
            if (_ended)
                throw new StreamResetException("The connection ended.", _failure);
            stream = new SpdyStream(this, _nextOwnId, headers, _budget, _peerInitialWindow) { LocalClosed = fin };
            _nextOwnId += 2;
            _streams.Add(stream.Id, stream);

            // In the lock: ids must go out in order.
            Queue(static (control, s) => control.SynStream(s.Stream.Id, s.Flags, s.Stream.Headers), (Stream: stream, Flags: fin ? FrameFlags.Fin : FrameFlags.None));
        }

        Kick();
        return stream;
    }

    internal void CloseLocal(SpdyStream stream)
    {
        lock (_streamsGate)
        {
            if (stream.LocalClosed)
                return;
            stream.LocalClosed = true;
            RemoveIfClosed(stream);
        }

        Queue(static (control, id) => control.Fin(id), stream.Id);
        Kick();
    }

    internal void Reset(SpdyStream stream, ResetStatus status)
    {
        bool known;
        lock (_streamsGate)
            known = _streams.Remove(stream.Id);
        if (!known)
            return;
        stream.Fail(new StreamResetException($"SPDY stream {stream.Id} was reset."));
        QueueReset(stream.Id, status);
        Kick();
    }

    private void QueueReset(uint streamId, ResetStatus status) =>
        Queue(static (control, s) => control.RstStream(s.streamId, s.status), (streamId, status));

    private SpdyStream? Find(uint streamId)
    {
        lock (_streamsGate)
            return _streams.GetValueOrDefault(streamId);
    }

    private void CloseRemote(SpdyStream stream)
    {
        lock (_streamsGate)
        {
            stream.RemoteClosed = true;
            RemoveIfClosed(stream);
        }

        stream.Received.Complete();
    }

    private void RemoveIfClosed(SpdyStream stream)
    {
        if (stream.LocalClosed && stream.RemoteClosed)
            _streams.Remove(stream.Id);
    }

    private List<SpdyStream> TakeStreams()
    {
        lock (_streamsGate)
        {
            _ended = true;
            List<SpdyStream> streams = [.. _streams.Values];
            _streams.Clear();
            return streams;
        }
    }
}
