namespace CriRuntime.Images;

/// <summary>What an image operation failed of, in words that map onto CRI status codes.</summary>
public enum ImageErrorKind
{
    /// <summary>No such image, manifest, blob or snapshot.</summary>
    NotFound,

    /// <summary>The registry refused the credentials, or asked for some.</summary>
    Unauthorized,

    /// <summary>The registry cannot be reached or serve now; a later try may succeed.</summary>
    Unavailable,

    /// <summary>A reference, digest or option that can never work.</summary>
    InvalidArgument,

    /// <summary>Content that is corrupt, or not what its digest or size promised.</summary>
    DataLoss,

    /// <summary>A limit of size, count or disk space was met.</summary>
    ResourceExhausted,

    /// <summary>The state of the store forbids it (an image in use, a pinned image).</summary>
    FailedPrecondition,

    /// <summary>A kind of content this runtime does not handle (schema 1 manifests, other platforms).</summary>
    Unsupported,
}

/// <summary>A failed image operation; the message names the object, the cause and what to do, and holds no secret.</summary>
public sealed class ImageException : Exception
{
    public ImageException(ImageErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    public ImageErrorKind Kind { get; }
}
