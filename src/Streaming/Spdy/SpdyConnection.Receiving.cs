namespace CriRuntime.Streaming.Spdy;

internal sealed partial class SpdyConnection
{
    private int _peerInitialWindow = SpdyStream.InitialWindow;
    private SpdyStream? _creditStream;
    private int _creditDue;
    private bool _goneAway;

    /// <summary>The peer has shown that it does flow control: keep to its windows.</summary>
    internal bool PeerControlsFlow { get; private set; }

    /// <summary>The peer has kept to its window so far: tell it when that opens.</summary>
    internal bool CreditsPeer { get; private set; }

    void IFrameReceiver.OnData(uint streamId, ReadOnlySpan<byte> payload, bool fin)
    {
        SpdyStream? stream = Find(streamId);
        if (stream is null || stream.RemoteClosed)
        {
            // On a stream that was, data may still be under way; on one that never was, it is an error of that stream.
            if (!WasOpened(streamId))
                QueueReset(streamId, ResetStatus.InvalidStream);
            return;
        }

        if (CreditsPeer && !stream.ChargeReceiveWindow(payload.Length))
            CreditsPeer = false;
        int consumed = _closing ? payload.Length : stream.Receive(payload);
        if (CreditsPeer)
            CreditLater(stream, consumed);
        if (fin)
            CloseRemote(stream);
    }

    void IFrameReceiver.OnSynStream(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
    {
        IReadOnlyDictionary<string, string> headers = _decoder.Decode(headerBlock);
        if ((streamId & 1) != (_role == SpdyRole.Server ? 1u : 0u) || streamId <= _lastPeerId)
            throw new SpdyProtocolException($"SYN_STREAM with id {streamId} after {_lastPeerId}.");
        _lastPeerId = streamId;
        SpdyStream stream = new(this, streamId, headers, _budget, _peerInitialWindow)
        {
            LocalClosed = (flags & FrameFlags.Unidirectional) != 0,
            RemoteClosed = (flags & FrameFlags.Fin) != 0,
        };
        if (_closing || OpenStreams >= _options.MaximumStreams || !_acceptor.MayOpen(stream))
        {
            QueueReset(streamId, ResetStatus.RefusedStream);
            return;
        }

        if (stream.RemoteClosed)
            stream.Received.Complete();
        lock (_streamsGate)
        {
            if (!stream.LocalClosed || !stream.RemoteClosed)
                _streams.Add(streamId, stream);
        }

        Queue(static (control, id) => control.SynReply(id), streamId);
        _acceptor.Opened(stream);
    }

    void IFrameReceiver.OnSynReply(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
    {
        _decoder.Decode(headerBlock);
        if (Find(streamId) is not { } stream)
            return;
        stream.Replied.TrySetResult();
        if ((flags & FrameFlags.Fin) != 0)
            CloseRemote(stream);
    }

    void IFrameReceiver.OnHeaders(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock)
    {
        _decoder.Decode(headerBlock);
        if ((flags & FrameFlags.Fin) != 0 && Find(streamId) is { } stream)
            CloseRemote(stream);
    }

    void IFrameReceiver.OnRstStream(uint streamId, ResetStatus status)
    {
        SpdyStream? stream;
        lock (_streamsGate)
            _streams.Remove(streamId, out stream);
        stream?.Fail(new StreamResetException($"The peer reset SPDY stream {streamId}: {status}."));
    }

    void IFrameReceiver.OnInitialWindow(int initialWindow)
    {
        int delta = initialWindow - _peerInitialWindow;
        _peerInitialWindow = initialWindow;
        PeerControlsFlow = _role == SpdyRole.Server;
        List<SpdyStream> streams;
        lock (_streamsGate)
            streams = [.. _streams.Values];
        foreach (SpdyStream stream in streams)
            OpenSendWindow(stream, delta);
    }

    void IFrameReceiver.OnPing(uint id)
    {
        // Ids of the peer's own parity are its questions; the others answer ours, and this side asks none.
        if ((id & 1) == (_role == SpdyRole.Server ? 1u : 0u))
            Queue(static (control, ping) => control.Ping(ping), id);
    }

    void IFrameReceiver.OnGoAway(uint lastGoodStreamId)
    {
        // A client's cue to close, as it is spdystream's; to a server the end of the connection follows, and says all that matters.
        _goneAway = true;
    }

    void IFrameReceiver.OnWindowUpdate(uint streamId, int delta)
    {
        PeerControlsFlow = _role == SpdyRole.Server;
        if (Find(streamId) is { } stream)
            OpenSendWindow(stream, delta);
    }

    private void OpenSendWindow(SpdyStream stream, int delta)
    {
        if (!stream.OpenSendWindow(delta))
            Reset(stream, ResetStatus.FlowControlError);
    }

    private bool WasOpened(uint streamId) =>
        (streamId & 1) == (_nextOwnId & 1) ? streamId < _nextOwnId : streamId <= _lastPeerId;

    // Bytes consumed at once are credited together, at the end of what one read brought: fewer frames, and a peer
    // that ignores windows shows it within that batch.
    private void CreditLater(SpdyStream stream, int count)
    {
        if (!ReferenceEquals(_creditStream, stream))
        {
            CreditLast();
            _creditStream = stream;
        }

        _creditDue += count;
    }

    private void CreditLast()
    {
        if (_creditDue > 0)
            _creditStream!.Credit(_creditDue);
        _creditStream = null;
        _creditDue = 0;
    }
}
