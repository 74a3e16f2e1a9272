namespace CriRuntime.Streaming.Spdy;

/// <summary>The peer broke the framing in a way that leaves the connection unusable.</summary>
internal sealed class SpdyProtocolException(string message, Exception? cause = null) : IOException(message, cause);
