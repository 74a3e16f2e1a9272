namespace CriRuntime.CriServer.Nri;

internal static partial class NriPluginLog
{
    [LoggerMessage(LogLevel.Warning, "NRI: {Event} of {Id}: {Reason}")]
    internal static partial void NotDelivered(ILogger logger, string @event, string id, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI plugin {Plugin}: container {ContainerId} is not updated: {Reason}")]
    internal static partial void NotUpdated(ILogger logger, string plugin, string containerId, string reason);

    [LoggerMessage(LogLevel.Information, "NRI plugin {Plugin} evicts container {ContainerId}: {Reason}")]
    internal static partial void Evicting(ILogger logger, string plugin, string containerId, string reason);

    [LoggerMessage(LogLevel.Warning, "NRI plugin {Plugin}: container {ContainerId} is not evicted: {Reason}")]
    internal static partial void NotEvicted(ILogger logger, string plugin, string containerId, string reason);
}
