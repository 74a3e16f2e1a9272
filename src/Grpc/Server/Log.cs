using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>What this folder logs. Bodies and metadata never: they may hold secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "The client of {Method} went away before its end", EventName = "ClientGone")]
    internal static partial void ClientGone(ILogger logger, string method);

    [LoggerMessage(2, LogLevel.Error, "{Method} failed with an exception that no interceptor mapped", EventName = "Unmapped")]
    internal static partial void Unmapped(ILogger logger, string method, Exception exception);
}
