namespace Grpc.Core;

/// <summary>How a call ended. Numbers and meanings are fixed by the gRPC specification (statuscodes.md).</summary>
public enum StatusCode
{
    OK = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>An error that carries no better code, such as an exception nobody mapped.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,

    /// <summary>A limit was reached: message size, memory, disk, quota.</summary>
    ResourceExhausted = 8,

    /// <summary>The request is right, the state of the system is not; retrying alone does not help.</summary>
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,

    /// <summary>The method does not exist here.</summary>
    Unimplemented = 12,

    /// <summary>An invariant broke, in the protocol or in the server.</summary>
    Internal = 13,

    /// <summary>Temporarily impossible; a retry may succeed.</summary>
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}
