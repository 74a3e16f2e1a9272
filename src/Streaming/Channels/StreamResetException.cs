namespace CriRuntime.Streaming;

/// <summary>The peer reset this stream, or the connection below it ended. What was not read of it is lost.</summary>
public sealed class StreamResetException(string message, Exception? cause = null) : IOException(message, cause);
