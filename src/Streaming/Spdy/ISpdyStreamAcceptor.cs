namespace CriRuntime.Streaming.Spdy;

/// <summary>Decides on the streams that the peer opens. Called by the connection's reader: must neither block nor throw.</summary>
internal interface ISpdyStreamAcceptor
{
    /// <summary>False refuses the stream (RST_STREAM).</summary>
    bool MayOpen(SpdyStream stream);

    /// <summary>The stream is accepted, its reply is queued: it may be used.</summary>
    void Opened(SpdyStream stream);
}
