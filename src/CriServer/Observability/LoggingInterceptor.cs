using System.Diagnostics;
using Grpc.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>One line per call: at level debug, or warning when it failed for a reason that an operator may want to see.</summary>
public sealed class LoggingInterceptor(ILogger<LoggingInterceptor> logger) : ObservingInterceptor
{
    protected override async Task ObserveAsync(ServerCallContext context, Func<Task> call)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            await call().ConfigureAwait(false);
            CallLog.Served(logger, NameOf(context), Milliseconds(started));
        }
        catch (RpcException e) when (IsOrdinary(e.StatusCode))
        {
            CallLog.Refused(logger, NameOf(context), e.StatusCode, Milliseconds(started), e.Status.Detail);
            throw;
        }
        catch (RpcException e)
        {
            CallLog.Failed(logger, NameOf(context), e.StatusCode, Milliseconds(started), e.Status.Detail);
            throw;
        }
    }

    /// <summary>The kubelet asks for what may be gone, and gives up on what takes long, every day.</summary>
    private static bool IsOrdinary(StatusCode code) => code is StatusCode.NotFound or StatusCode.Cancelled;

    private static double Milliseconds(long started) => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 3);
}

internal static partial class CallLog
{
    [LoggerMessage(LogLevel.Debug, "{Method} served in {Milliseconds} ms")]
    public static partial void Served(ILogger logger, string method, double milliseconds);

    [LoggerMessage(LogLevel.Debug, "{Method} ended with {Code} after {Milliseconds} ms: {Detail}")]
    public static partial void Refused(ILogger logger, string method, StatusCode code, double milliseconds, string detail);

    [LoggerMessage(LogLevel.Warning, "{Method} failed with {Code} after {Milliseconds} ms: {Detail}")]
    public static partial void Failed(ILogger logger, string method, StatusCode code, double milliseconds, string detail);
}
