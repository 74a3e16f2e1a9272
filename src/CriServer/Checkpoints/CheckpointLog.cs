namespace CriRuntime.CriServer.Checkpoints;

internal static partial class CheckpointLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Container {container} was checkpointed to {location}: {bytes} bytes")]
    public static partial void Saved(ILogger logger, string container, string location, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Container {container} was not checkpointed: {reason}")]
    public static partial void NotSaved(ILogger logger, string container, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {pod} was checkpointed to {location}: {count} containers, {bytes} bytes")]
    public static partial void PodSaved(ILogger logger, string pod, string location, long bytes, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {pod} was not restored, and is removed: {reason}")]
    public static partial void PodNotRestored(ILogger logger, string pod, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{directory}, left by a checkpoint that an earlier daemon began, could not be removed: {reason}")]
    public static partial void NotRemoved(ILogger logger, string directory, string reason);
}
