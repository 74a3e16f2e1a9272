using System.Diagnostics;
using Grpc.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>A span per call, the child of the caller's where it sends a W3C traceparent. Costs nothing while nobody listens.</summary>
public sealed class TracingInterceptor : ObservingInterceptor
{
    protected override async Task ObserveAsync(ServerCallContext context, Func<Task> call)
    {
        using Activity? span = Telemetry.Source.HasListeners() ? Start(context) : null;
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            span?.SetTag("rpc.grpc.status_code", (int)e.StatusCode);
            span?.SetStatus(ActivityStatusCode.Error, e.Status.Detail);
            throw;
        }
    }

    private static Activity? Start(ServerCallContext context)
    {
        ActivityContext.TryParse(context.RequestHeaders.GetValue("traceparent"), context.RequestHeaders.GetValue("tracestate"), isRemote: true, out ActivityContext parent);
        Activity? span = Telemetry.Source.StartActivity(NameOf(context), ActivityKind.Server, parent);
        span?.SetTag("rpc.system", "grpc");
        span?.SetTag("rpc.method", context.Method);
        return span;
    }
}
