namespace CriRuntime.CriServer.State;

internal static partial class StateLog
{
    [LoggerMessage(LogLevel.Warning, "Could not write {Path}; after a restart of the daemon an older state would be found there")]
    public static partial void NotPersisted(ILogger logger, string path, Exception cause);
}
