namespace CriRuntime.CriServer.Errors;

/// <summary>What went wrong, in the terms a CRI client acts on. Each kind has one gRPC status (see <see cref="StatusMapping"/>).</summary>
public enum CriErrorKind
{
    /// <summary>The pod, container or image named in the request does not exist.</summary>
    NotFound,

    /// <summary>Another object holds the name that the request asks for.</summary>
    AlreadyExists,

    /// <summary>The request can never succeed as written; the message names the field.</summary>
    InvalidArgument,

    /// <summary>The request is sound, but not in the state the object is in now.</summary>
    FailedPrecondition,

    /// <summary>A limit was reached: memory, disk, descriptors, message size.</summary>
    ResourceExhausted,

    /// <summary>Something that is needed does not answer now; a retry may succeed.</summary>
    Unavailable,

    /// <summary>The time allowed for the operation has passed.</summary>
    DeadlineExceeded,

    /// <summary>A failure of the runtime or the node.</summary>
    Internal,

    /// <summary>The runtime does not offer this.</summary>
    Unimplemented,
}
