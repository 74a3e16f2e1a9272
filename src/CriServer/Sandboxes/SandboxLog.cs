namespace CriRuntime.CriServer.Sandboxes;

internal static partial class SandboxLog
{
    [LoggerMessage(LogLevel.Information, "Pod sandbox {PodId} of {Namespace}/{Name} is ready")]
    public static partial void Ready(ILogger logger, string podId, string @namespace, string name);

    [LoggerMessage(LogLevel.Warning, "Pod sandbox {PodId} of {Namespace}/{Name} could not be created: {Reason}")]
    public static partial void NotCreated(ILogger logger, string podId, string @namespace, string name, string reason);

    [LoggerMessage(LogLevel.Information, "Pod sandbox {PodId} is stopped")]
    public static partial void Stopped(ILogger logger, string podId);

    [LoggerMessage(LogLevel.Information, "Pod sandbox {PodId} has other resources")]
    public static partial void Updated(ILogger logger, string podId);

    [LoggerMessage(LogLevel.Information, "Pod sandbox {PodId} is removed")]
    public static partial void Removed(ILogger logger, string podId);
}
