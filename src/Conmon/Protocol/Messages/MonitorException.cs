namespace CriRuntime.Conmon.Protocol;

/// <summary>Why a request to a monitor failed.</summary>
public enum MonitorErrorKind
{
    /// <summary>A syscall or a rule of the monitor's own; the message says which.</summary>
    Internal = 0,

    /// <summary>The request makes no sense: malformed, unknown type, a plan that does not parse.</summary>
    InvalidRequest = 1,
    NotFound = 2,
    AlreadyExists = 3,

    /// <summary>The container or monitor is not in a state that allows it.</summary>
    WrongState = 4,

    /// <summary>The process could not be set up or executed; the message names the step and the path.</summary>
    LaunchFailed = 5,

    /// <summary>The log file could not be opened; the message names it.</summary>
    LogUnavailable = 6,

    /// <summary>No common protocol version.</summary>
    Unsupported = 7,

    /// <summary>Not sent by a monitor: it has ended, or its connection was lost.</summary>
    Gone = 8,
}

/// <summary>A request to a monitor failed.</summary>
public sealed class MonitorException(MonitorErrorKind kind, string message) : IOException(message)
{
    public MonitorErrorKind Kind { get; } = kind;
}
