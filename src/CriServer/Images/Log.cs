namespace CriRuntime.CriServer.Images;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "pull of {Image}: {Host}: {Reason}; trying again in {Seconds} s")]
    internal static partial void Retrying(ILogger logger, string image, string host, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "pull of {Image}: mirror {Host} did not serve it: {Reason}")]
    internal static partial void MirrorFailed(ILogger logger, string image, string host, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "image store: {What}")]
    internal static partial void BackgroundFailure(ILogger logger, string what, Exception cause);
}
