namespace CriRuntime.Streaming;

/// <summary>Limits of streaming connections. The defaults are those of the kubelet's streaming server, where it has one.</summary>
public sealed record StreamingOptions
{
    /// <summary>A connection on which nothing was read or written for this long is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a client may take to open the streams that belong together.</summary>
    public TimeSpan StreamCreationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long one write may wait for a client that does not read before the connection is aborted. Long, because a
    /// client whose user paused it (<c>kubectl exec ... | less</c>) is alive; a client whose machine vanished is found by TCP.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// How long to wait, after the last byte was sent, for the client to close: closing first while the client still sends would
    /// reset the connection and could take unread output with it.
    /// </summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Streams open at once on a SPDY connection; more are refused with RST_STREAM.</summary>
    public int MaximumStreams { get; init; } = 10_000;

    /// <summary>Bytes a stream may hold unread; past it the connection's reading pauses, for all of its streams.</summary>
    public int StreamReceiveLimit { get; init; } = 2 * 1024 * 1024;

    /// <summary>Bytes all streams of a connection may hold unread; past it the connection's reading pauses.</summary>
    public int ConnectionReceiveLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes a compressed header block may inflate to; a larger one ends the connection.</summary>
    public int MaximumHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Where the clock and the timers come from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Told of what a client cannot be told, or beyond that: protocol violations, timeouts, handlers that threw. Must not throw.</summary>
    public Action<string, Exception?>? Report { get; init; }
}
