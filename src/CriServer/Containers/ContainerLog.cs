using CriRuntime.Linux;

namespace CriRuntime.CriServer.Containers;

internal static partial class ContainerLog
{
    [LoggerMessage(LogLevel.Information, "Container {ContainerId} ({Name}) is created in pod sandbox {PodId}")]
    public static partial void Created(ILogger logger, string containerId, string name, string podId);

    [LoggerMessage(LogLevel.Warning, "Container {ContainerId} ({Name}) could not be created in pod sandbox {PodId}: {Reason}")]
    public static partial void NotCreated(ILogger logger, string containerId, string name, string podId, string reason);

    [LoggerMessage(LogLevel.Error, "The process of container {ContainerId}, which could not be started, could not be ended; stop the container")]
    public static partial void NotEnded(ILogger logger, string containerId, Exception cause);

    [LoggerMessage(LogLevel.Information, "Container {ContainerId} is started")]
    public static partial void Started(ILogger logger, string containerId);

    [LoggerMessage(LogLevel.Warning, "Container {ContainerId} could not be started: {Reason}")]
    public static partial void NotStarted(ILogger logger, string containerId, string reason);

    [LoggerMessage(LogLevel.Information, "Container {ContainerId} has other resources")]
    public static partial void Updated(ILogger logger, string containerId);

    [LoggerMessage(LogLevel.Warning, "Container {ContainerId}: its resources could not be updated: {Reason}")]
    public static partial void NotUpdated(ILogger logger, string containerId, string reason);

    [LoggerMessage(LogLevel.Error, "Container {ContainerId}: after a failed update, could not {Step}")]
    public static partial void UpdateNotUndone(ILogger logger, string containerId, string step, Exception cause);

    [LoggerMessage(LogLevel.Warning, "Container {ContainerId}: not every process took the oom_score_adj {Score}: {Errno}")]
    public static partial void OomScoreNotSet(ILogger logger, string containerId, long score, Errno errno);

    [LoggerMessage(LogLevel.Information, "Container {ContainerId} is stopped")]
    public static partial void Stopped(ILogger logger, string containerId);

    [LoggerMessage(LogLevel.Warning, "Container {ContainerId}: {Failure}")]
    public static partial void HookFailed(ILogger logger, string containerId, string failure);

    [LoggerMessage(LogLevel.Information, "Container {ContainerId} is removed")]
    public static partial void Removed(ILogger logger, string containerId);
}
