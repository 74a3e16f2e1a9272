namespace CriRuntime.Images.Registry;

/// <summary>One failed try of a registry request, before it is decided whether there will be another.</summary>
internal sealed class RegistryAttemptException(ImageErrorKind kind, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public ImageErrorKind Kind { get; } = kind;

    /// <summary>True when the same request may succeed later.</summary>
    public bool Transient { get; init; }

    /// <summary>True when the server answered, however badly.</summary>
    public bool Answered { get; init; }

    /// <summary>The wait the server asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
