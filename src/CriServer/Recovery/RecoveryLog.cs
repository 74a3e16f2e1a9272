namespace CriRuntime.CriServer.Recovery;

internal static partial class RecoveryLog
{
    [LoggerMessage(LogLevel.Warning, "State file {Path} can't be read ({Reason}); it is kept as {Kept}")]
    public static partial void Quarantined(ILogger logger, string path, string reason, string kept);

    [LoggerMessage(LogLevel.Warning, "State file {Path} can't be read ({Reason}), and can't be moved away: {MoveFailure}")]
    public static partial void Unreadable(ILogger logger, string path, string reason, string moveFailure);

    [LoggerMessage(LogLevel.Warning, "{Path} is not a pod's directory; it is left alone")]
    public static partial void Foreign(ILogger logger, string path);

    [LoggerMessage(LogLevel.Information, "Found {Pods} pods and {Containers} containers of an earlier daemon, and {Owed} pods of an earlier boot")]
    public static partial void Found(ILogger logger, int pods, int containers, int owed);

    [LoggerMessage(LogLevel.Warning, "The monitor of pod sandbox {PodId} can't be adopted; the pod is not ready: {Reason}")]
    public static partial void NotAdopted(ILogger logger, string podId, string reason);

    [LoggerMessage(LogLevel.Information, "Pod sandbox {PodId} was not finished when the daemon ended; it is undone")]
    public static partial void Undoing(ILogger logger, string podId);

    [LoggerMessage(LogLevel.Error, "Of {What}, which could not be created: could not {Step}; it is tried again in the background")]
    public static partial void NotUndone(ILogger logger, string what, string step, Exception cause);

    [LoggerMessage(LogLevel.Information, "What was left of {What}, which could not be created, is removed")]
    public static partial void Undone(ILogger logger, string what);

    [LoggerMessage(LogLevel.Warning, "What is left of {What}, which could not be created, is still there; next try in {Pause}: {Reason}")]
    public static partial void StillThere(ILogger logger, string what, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Error, "Pod sandbox {PodId} can't be recovered; stop and remove it")]
    public static partial void Failed(ILogger logger, string podId, Exception cause);

    [LoggerMessage(LogLevel.Warning, "The writable layer of container {ContainerId}, which does not exist any more, can't be removed: {Reason}")]
    public static partial void LayerStays(ILogger logger, string containerId, string reason);
}
