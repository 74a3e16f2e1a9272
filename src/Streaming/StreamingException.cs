namespace CriRuntime.Streaming;

/// <summary>The streaming server cannot do what it was asked to; <see cref="Kind"/> says why in the CRI's terms.</summary>
public sealed class StreamingException(StreamingErrorKind kind, string message) : Exception(message)
{
    public StreamingErrorKind Kind { get; } = kind;
}
