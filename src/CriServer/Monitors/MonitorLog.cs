namespace CriRuntime.CriServer.Monitors;

internal static partial class MonitorLog
{
    [LoggerMessage(LogLevel.Error, "The monitor of pod sandbox {PodId} (pid {Pid}) has ended unexpectedly; the pod is not ready any more")]
    public static partial void MonitorLost(ILogger logger, string podId, int pid);

    [LoggerMessage(LogLevel.Error, "Container {ContainerId} has lost its monitor, and its processes could not be killed")]
    public static partial void NotKilled(ILogger logger, string containerId, Exception cause);

    [LoggerMessage(LogLevel.Warning, "The exit record of container {ContainerId} is unreadable, so its end counts as unknown: {Reason}")]
    public static partial void UnreadableExitRecord(ILogger logger, string containerId, string reason);

    [LoggerMessage(LogLevel.Warning, "the log of container {Container} can't be written ({Error}); the container goes on and its output is lost: {Lost} bytes so far")]
    public static partial void LogFailed(ILogger logger, string container, string error, long lost);

    [LoggerMessage(LogLevel.Warning, "container {Container} has ended, and its RDT class or monitoring group could not be removed yet: {Reason}")]
    public static partial void ClassNotRemoved(ILogger logger, string container, string reason);

    [LoggerMessage(LogLevel.Warning, "the log of container {Container} works again; {Lost} bytes were lost")]
    public static partial void LogRecovered(ILogger logger, string container, long lost);

    [LoggerMessage(LogLevel.Warning, "container {Container} writes more than its log's rate limit; {Lost} bytes were lost")]
    public static partial void LogRateLimited(ILogger logger, string container, long lost);
}
