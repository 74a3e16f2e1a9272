namespace CriRuntime.Streaming;

/// <summary>What a <see cref="StreamingException"/> means to a caller of the CRI.</summary>
public enum StreamingErrorKind
{
    /// <summary>Too many requests wait to be redeemed.</summary>
    ResourceExhausted,
}
