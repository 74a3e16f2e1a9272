namespace CriRuntime.Streaming.Spdy;

/// <summary>Where <see cref="FrameParser"/> delivers. Spans are valid during the call only; any method may throw <see cref="SpdyProtocolException"/>.</summary>
internal interface IFrameReceiver
{
    /// <summary>A part of a DATA frame. Of one with FIN, only the last part says so.</summary>
    void OnData(uint streamId, ReadOnlySpan<byte> payload, bool fin);

    void OnSynStream(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock);

    void OnSynReply(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock);

    void OnHeaders(uint streamId, FrameFlags flags, ReadOnlySpan<byte> headerBlock);

    void OnRstStream(uint streamId, ResetStatus status);

    /// <param name="initialWindow">The value of SETTINGS_INITIAL_WINDOW_SIZE.</param>
    void OnInitialWindow(int initialWindow);

    void OnPing(uint id);

    void OnGoAway(uint lastGoodStreamId);

    void OnWindowUpdate(uint streamId, int delta);
}
