namespace CriRuntime.CriServer.Errors;

/// <summary>
/// The one exception that domain code throws. Its message names the object, the operation, the cause and, where
/// there is something to do, what to do; it is what the kubelet shows to its user.
/// </summary>
public sealed class CriException : Exception
{
    public CriException(CriErrorKind kind, string message)
        : base(message) => Kind = kind;

    public CriException(CriErrorKind kind, string message, Exception cause)
        : base(message, cause) => Kind = kind;

    public CriErrorKind Kind { get; }

    public static CriException NotFound(string message) => new(CriErrorKind.NotFound, message);

    public static CriException AlreadyExists(string message) => new(CriErrorKind.AlreadyExists, message);

    public static CriException InvalidArgument(string message) => new(CriErrorKind.InvalidArgument, message);

    public static CriException FailedPrecondition(string message) => new(CriErrorKind.FailedPrecondition, message);

    public static CriException Unavailable(string message) => new(CriErrorKind.Unavailable, message);

    public static CriException Internal(string message) => new(CriErrorKind.Internal, message);
}
