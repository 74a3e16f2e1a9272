using System.Diagnostics;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.CriServer.Tests.Observability.Tracing;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace CriRuntime.CriServer.Tests.Observability;

[Collection(TracingCollection.Name)]
public sealed class InterceptorTests
{
    private const string FullMethod = "/runtime.v1.RuntimeService/StartContainer";

    [Fact]
    public async Task Calls_are_counted_by_method_and_status_in_Prometheus_format()
    {
        using Daemon daemon = new();
        MetricsInterceptor metrics = new(daemon.Telemetry, new MemoryTrim(TimeProvider.System));
        await CallAsync(metrics);
        await Assert.ThrowsAsync<RpcException>(() => CallAsync(metrics, new RpcException(new Status(StatusCode.NotFound, "no"))));
        await using MetricsServer server = new(daemon.Settings, daemon.State, daemon.Telemetry);
        string text = server.Text();
        Assert.Contains("# TYPE criruntime_rpc_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_rpc_duration_seconds_count{method=\"StartContainer\",code=\"OK\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_rpc_duration_seconds_bucket{method=\"StartContainer\",code=\"NotFound\",le=\"+Inf\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("criruntime_pod_sandboxes 0\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(# (HELP|TYPE) .*|[a-z_]+(\\{.*\\})? [-0-9.eE+]+)$", line));
    }

    [Fact]
    public async Task A_call_continues_the_trace_of_its_caller()
    {
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "CriRuntime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        TracingInterceptor tracing = new();
        await CallAsync(tracing, headers: new Metadata { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
        Activity span = Assert.Single(spans, one => one.TraceId.ToString() == "0af7651916cd43dd8448eb211c80319c");
        Assert.Equal(("StartContainer", "b7ad6b7169203331"), (span.OperationName, span.ParentSpanId.ToString()));
    }

    [Fact]
    public async Task A_failure_is_logged_with_method_code_and_reason_and_what_is_gone_only_for_debugging()
    {
        using LineLog log = new();
        LoggingInterceptor logging = new(log.CreateLogger<LoggingInterceptor>());
        await Assert.ThrowsAsync<RpcException>(() => CallAsync(logging, new RpcException(new Status(StatusCode.Internal, "the disk is on fire"))));
        await Assert.ThrowsAsync<RpcException>(() => CallAsync(logging, new RpcException(new Status(StatusCode.NotFound, "gone"))));
        (LogLevel level, string line) = Assert.Single(log.Lines, one => one.Level >= LogLevel.Information);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("StartContainer failed with Internal", line, StringComparison.Ordinal);
        Assert.Contains("the disk is on fire", line, StringComparison.Ordinal);
    }

    private static Task<string> CallAsync(ObservingInterceptor interceptor, Exception? failure = null, Metadata? headers = null) =>
        interceptor.UnaryServerHandler("request", new CallContext(headers, FullMethod), (_, _) => failure is null ? Task.FromResult("response") : Task.FromException<string>(failure));
}
