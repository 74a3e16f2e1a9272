namespace CriRuntime.CriServer.Lsm;

internal static partial class LsmLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "the AppArmor profile {Profile} is loaded")]
    internal static partial void ProfileLoaded(ILogger logger, string profile);

    [LoggerMessage(Level = LogLevel.Information, Message = "pods get SELinux labels: {Process}, files {Files}")]
    internal static partial void SelinuxUsed(ILogger logger, SelinuxLabel process, SelinuxLabel files);

    [LoggerMessage(Level = LogLevel.Warning, Message = "SELinux is enabled, and containers get no labels: {Reason}")]
    internal static partial void SelinuxNotUsed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "containers run without an AppArmor profile unless they name one: {Reason}")]
    internal static partial void NoDefaultProfile(ILogger logger, string reason);
}
