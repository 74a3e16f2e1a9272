using System.Diagnostics;
using Grpc.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>Counts and times every call, by method and status code.</summary>
public sealed class MetricsInterceptor(Telemetry telemetry, MemoryTrim memory) : ObservingInterceptor
{
    protected override async Task ObserveAsync(ServerCallContext context, Func<Task> call)
    {
        long started = Stopwatch.GetTimestamp();
        StatusCode code = StatusCode.OK;
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            code = e.StatusCode;
            throw;
        }
        finally
        {
            telemetry.CallEnded(NameOf(context), code, Stopwatch.GetElapsedTime(started));
            memory.Note();
        }
    }
}
