using CriRuntime.CriServer.Cgroups;

namespace CriRuntime.CriServer.Hosting;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "the cgroup driver is {Driver}: {Reason}")]
    internal static partial void CgroupDriver(ILogger logger, CgroupDriver driver, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "network: {Warning}")]
    internal static partial void NetworkWarning(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "devices: {Warning}")]
    internal static partial void DeviceWarning(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "classes: {Warning}")]
    internal static partial void ClassWarning(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "containers with the seccomp profile RuntimeDefault can't be made: {Reason}")]
    internal static partial void NoDefaultProfile(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "pods can't have user namespaces on this host: {Obstacle}")]
    internal static partial void NoUserNamespaces(ILogger logger, string obstacle);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped while pods of an earlier daemon were being adopted; the next one goes on")]
    internal static partial void RecoveryInterrupted(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the service manager at NOTIFY_SOCKET could not be told: {Reason}")]
    internal static partial void ServiceManagerUnreachable(ILogger logger, string reason);
}
