using System.Diagnostics;
using CriRuntime.Tracing;
using Grpc.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>A span per call, the child of the caller's where it sends a W3C traceparent. Costs nothing while nobody listens.</summary>
public sealed class TracingInterceptor : ObservingInterceptor
{
    protected override async Task ObserveAsync(ServerCallContext context, Func<Task> call)
    {
        using Activity? span = Spans.Source.HasListeners() ? Start(context) : null;
        try
        {
            await call().ConfigureAwait(false);
            span?.SetTag("rpc.grpc.status_code", (int)StatusCode.OK);
        }
        catch (RpcException e)
        {
            span?.SetTag("rpc.grpc.status_code", (int)e.StatusCode);
            Spans.Fail(span, e.Status.Detail);
            throw;
        }
    }

    private static Activity? Start(ServerCallContext context)
    {
        // The web server's own activity, which nobody exports, would be the parent of a call without a traced caller, and decide whether it is recorded.
        Activity.Current = null;
        ActivityContext.TryParse(context.RequestHeaders.GetValue("traceparent"), context.RequestHeaders.GetValue("tracestate"), isRemote: true, out ActivityContext parent);
        string method = NameOf(context);
        Activity? span = Spans.Source.StartActivity(method, ActivityKind.Server, parent);
        span?.SetTag("rpc.system", "grpc");
        span?.SetTag("rpc.service", context.Method[1..^(method.Length + 1)]);
        span?.SetTag("rpc.method", method);
        return span;
    }
}
