namespace CriRuntime.CriServer.Observability.Tracing;

internal static partial class TraceLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "traces can't be sent to {Target}: {Reason}; calls go on, spans are dropped until it takes them (tracing.endpoint)")]
    internal static partial void Undelivered(ILogger logger, Uri target, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "traces are sent to {Target} again")]
    internal static partial void DeliveredAgain(ILogger logger, Uri target);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Target} threw away {Rejected} of the spans that it took: '{Reason}'; it is not told again until it takes all")]
    internal static partial void Rejected(ILogger logger, Uri target, long rejected, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "spans could not be exported")]
    internal static partial void Broken(ILogger logger, Exception e);
}
