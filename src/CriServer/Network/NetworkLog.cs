namespace CriRuntime.CriServer.Network;

internal static partial class NetworkLog
{
    [LoggerMessage(LogLevel.Warning, "Pod sandbox {PodId} could not be detached from the network; it is tried again in the background: {Reason}")]
    public static partial void DetachFailed(ILogger logger, string podId, string reason);

    [LoggerMessage(LogLevel.Warning, "The CNI DEL of pod sandbox {PodId} is still owed; next try in {Pause}: {Reason}")]
    public static partial void StillOwed(ILogger logger, string podId, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Information, "The CNI DEL that was owed for pod sandbox {PodId} has succeeded")]
    public static partial void Detached(ILogger logger, string podId);

    [LoggerMessage(LogLevel.Warning, "What the network holds for pods of the past could not be collected; the next start tries again: {Reason}")]
    public static partial void NotCollected(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Network: {Message}")]
    public static partial void Warning(ILogger logger, string message);
}
