namespace CriRuntime.CriServer.Handlers;

internal static partial class HandlerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    internal static partial void Missing(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "runtime handler {Handler}: {Path} does not say what it can, so nothing optional is offered: {Reason}")]
    internal static partial void NoFeatures(ILogger logger, string handler, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "container {ContainerId}: its runtime could not delete it, what it knew of it is removed: {Reason}")]
    internal static partial void NotDeleted(ILogger logger, string containerId, string reason);
}
