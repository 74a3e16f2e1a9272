using System.Diagnostics;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Tests.Tracing;
using Microsoft.Extensions.Logging;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

[Collection(TracingCollection.Name)]
public sealed class TraceExporterTests : IAsyncLifetime
{
    private readonly ExportingDaemon _exporting = new();
    private Collector _collector = null!;

    private Daemon Daemon => _exporting.Daemon;

    private LineLog Log => _exporting.Log;

    private TracedCall Call => _exporting.Call;

    public async ValueTask InitializeAsync() => _collector = await Collector.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        _exporting.Dispose();
    }

    [Fact]
    public async Task A_sampled_callers_trace_reaches_the_collector()
    {
        string pod;
        await using (await _exporting.StartAsync(_collector.Address))
            pod = await Call.SampledAsync("RunPodSandbox", () => Daemon.RunAsync());
        ReceivedSpan call = Assert.Single(_collector.Spans, span => span.Name == "RunPodSandbox");
        Assert.Equal((Call.TraceId.ToString(), Call.ParentId.ToString(), 2), (call.TraceId, call.ParentId, call.Kind));
        Assert.Equal((pod, "0", "criruntime"), (call.Attributes["sandbox.id"], call.Attributes["rpc.grpc.status_code"], call.Attributes["resource.service.name"]));
        ReceivedSpan step = Assert.Single(_collector.Spans, span => span.Name == "network.attach");
        Assert.Equal((call.TraceId, call.SpanId, 1), (step.TraceId, step.ParentId, step.Kind));
        Assert.True(call.Start <= step.Start && step.Start <= step.End && step.End <= call.End, $"{call} {step}");
        ulong now = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        Assert.InRange(now - call.Start, 0UL, 3600UL * 1_000_000_000);
    }

    [Fact]
    public async Task An_error_is_exported_with_its_reason()
    {
        Daemon.Network.BeforeAttach = () => throw new IOException("keine Adresse für Pods ist frei");
        await using (await _exporting.StartAsync(_collector.Address))
            await Assert.ThrowsAsync<IOException>(() => Call.SampledAsync("RunPodSandbox", () => Daemon.RunAsync()));
        Assert.Equal("keine Adresse für Pods ist frei", Assert.Single(_collector.Spans, span => span.Name == "network.attach").Error);
    }

    [Fact]
    public async Task A_share_of_the_calls_without_a_traced_caller_is_recorded_as_traces_of_their_own()
    {
        await using (await _exporting.StartAsync(_collector.Address, settings => settings with { SamplingRatePerMillion = 1_000_000 }))
        {
            // Whatever activity the web server has, it is nobody's parent.
            using Activity server = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
            await TracedCall.RunAsync("RunPodSandbox", () => Daemon.RunAsync());
            await Call.UnsampledAsync("RunPodSandbox", () => Daemon.RunAsync(Daemon.PodConfig("other")));
        }

        ReceivedSpan call = Assert.Single(_collector.Spans, span => span.Name == "RunPodSandbox");
        Assert.Equal("", call.ParentId);
        Assert.All(_collector.Spans, span => Assert.Equal(call.TraceId, span.TraceId));
    }

    [Fact]
    public async Task A_collector_that_is_busy_gets_the_spans_later_and_its_trouble_is_told_once()
    {
        _collector.Answer = request => Task.FromResult(request <= 3 ? 503 : 200);
        await using ExportingDaemon.Exporter exporter = await _exporting.StartAsync(_collector.Address);
        await Call.SampledAsync("RunPodSandbox", () => Daemon.RunAsync());
        await ExportingDaemon.UntilAsync(() => _collector.Spans.Count == 5);
        Assert.True(_collector.Requests >= 4);
        await ExportingDaemon.UntilAsync(() => Log.Lines.Count == 2);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], Log.Lines.Select(line => line.Level));
        Assert.Contains("503", Log.Lines[0].Line, StringComparison.Ordinal);
        Assert.Contains($"{_collector.Address}v1/traces", Log.Lines[0].Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_go_on_while_the_collector_is_away_and_what_the_queue_cannot_hold_is_dropped_and_counted()
    {
        await _collector.DisposeAsync();
        await using ExportingDaemon.Exporter exporter = await _exporting.StartAsync(_collector.Address, settings => settings with { QueueLimit = 8, FirstPause = TimeSpan.FromHours(1) });
        await Call.ManyAsync(1);
        await ExportingDaemon.UntilAsync(() => Log.Lines.Count == 1);
        Assert.Equal(LogLevel.Warning, Log.Lines[0].Level);
        // The first span waits for its next try, and nothing is taken from the queue meanwhile.
        await Call.ManyAsync(1000);
        Assert.Equal(1000 - 8, _exporting.Metric("criruntime_trace_spans_dropped_total{reason=\"queue\"}"));
    }

    [Fact]
    public async Task A_collector_that_never_answers_holds_up_no_call_and_is_given_up()
    {
        TaskCompletionSource<int> never = new();
        _collector.Answer = _ => never.Task;
        await using ExportingDaemon.Exporter exporter = await _exporting.StartAsync(_collector.Address, settings => settings with { Patience = TimeSpan.FromMilliseconds(20) });
        await Call.ManyAsync(10);
        await ExportingDaemon.UntilAsync(() => _exporting.Metric("criruntime_trace_spans_dropped_total{reason=\"collector\"}") == 10);
        Assert.Contains("no answer within 0.02 s", Assert.Single(Log.Lines).Line, StringComparison.Ordinal);
        never.SetResult(200);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        _collector.Answer = _ => Task.FromResult(400);
        await using ExportingDaemon.Exporter exporter = await _exporting.StartAsync(_collector.Address);
        await Call.ManyAsync(1);
        await ExportingDaemon.UntilAsync(() => _exporting.Metric("criruntime_trace_spans_dropped_total{reason=\"collector\"}") == 1);
        Assert.Equal(1, _collector.Requests);
    }

    [Fact]
    public async Task The_daemons_end_waits_only_briefly_for_a_collector()
    {
        TaskCompletionSource<int> never = new();
        _collector.Answer = _ => never.Task;
        ExportingDaemon.Exporter exporter = await _exporting.StartAsync(_collector.Address, settings => settings with { Patience = TimeSpan.FromHours(1) });
        await Call.ManyAsync(1);
        await exporter.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        never.SetResult(200);
    }
}
