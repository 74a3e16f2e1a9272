using Microsoft.Extensions.Logging;

namespace CriRuntime.Nri.Plugins;

internal static partial class NriLog
{
    [LoggerMessage(LogLevel.Information, "NRI plugin {Plugin} is connected and synchronized")]
    internal static partial void Connected(ILogger logger, string plugin);

    [LoggerMessage(LogLevel.Information, "NRI plugin {Plugin} has left")]
    internal static partial void Left(ILogger logger, string plugin);

    [LoggerMessage(LogLevel.Warning, "NRI plugin {Plugin} is gone: {Reason}")]
    internal static partial void Gone(ILogger logger, string plugin, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI plugin {Plugin} is not admitted: {Reason}")]
    internal static partial void NotAdmitted(ILogger logger, string plugin, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI plugin {Program} could not be started: {Reason}")]
    internal static partial void NotStarted(ILogger logger, string program, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI: no plugin can connect: {Reason}")]
    internal static partial void NotListening(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI: a connection is refused: {Count} others have not registered yet")]
    internal static partial void TooMany(ILogger logger, int count);

    [LoggerMessage(LogLevel.Information, "NRI plugins connect to {Path}")]
    internal static partial void Listening(ILogger logger, string path);
}
