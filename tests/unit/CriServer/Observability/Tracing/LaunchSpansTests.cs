using System.Collections.Concurrent;
using System.Diagnostics;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Linux.Launching;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

[Collection(TracingCollection.Name)]
public sealed class LaunchSpansTests : IDisposable
{
    private readonly TracedCall _call = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public LaunchSpansTests()
    {
        _listener = new TraceSampler(0).Listen(_spans.Enqueue);
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Each_moment_begins_a_span_that_lasts_to_the_next()
    {
        Activity call = await LaunchAsync(start => [
            new(LaunchStage.Clone, start), new(LaunchStage.Mounts, start + 2000), new((LaunchStage)99, start + 3000), new(LaunchStage.Pivot, start + 3100), new(LaunchStage.Ready, start + 3500),
        ]);
        Activity[] launch = Launch();
        Assert.Equal(["launch.clone", "launch.mounts", "launch.pivot"], launch.Select(span => span.OperationName));
        Assert.Equal([0, 20, 31], launch.Select(span => (span.StartTimeUtc - call.StartTimeUtc).Ticks));
        Assert.Equal([20, 10, 4], launch.Select(span => span.Duration.Ticks));
        Assert.All(launch, span => Assert.Equal((call.SpanId, call.TraceId), (span.ParentSpanId, span.TraceId)));
    }

    [Fact]
    public async Task The_last_stage_that_was_told_of_lasts_to_the_end()
    {
        Activity call = await LaunchAsync(start => [new(LaunchStage.Mounts, start)]);
        Activity mounts = Assert.Single(Launch());
        Assert.InRange(mounts.StartTimeUtc + mounts.Duration, mounts.StartTimeUtc, call.StartTimeUtc + call.Duration);
    }

    [Fact]
    public async Task Whatever_the_clock_says_no_span_is_outside_the_call_or_before_the_one_before_it()
    {
        Random random = new(4711);
        for (int i = 0; i < 200; i++)
        {
            _spans.Clear();
            Activity call = await LaunchAsync(start =>
            {
                LaunchMoment[] moments = new LaunchMoment[random.Next(1, 9)];
                for (int n = 0; n < moments.Length; n++)
                {
                    long at = random.Next(4) switch { 0 => long.MinValue, 1 => long.MaxValue, 2 => start + random.NextInt64(-5000, 5000), _ => random.NextInt64() };
                    moments[n] = new((LaunchStage)random.Next(9), at);
                }

                return moments;
            });
            DateTime last = call.StartTimeUtc;
            foreach (Activity span in Launch())
            {
                Assert.True(last <= span.StartTimeUtc && span.Duration >= TimeSpan.Zero, span.OperationName);
                last = span.StartTimeUtc + span.Duration;
            }

            Assert.True(last <= call.StartTimeUtc + call.Duration);
        }
    }

    [Fact]
    public async Task Only_where_the_call_is_recorded_is_a_launch_timed()
    {
        using Daemon daemon = new();
        string pod = await _call.UnsampledAsync("RunPodSandbox", () => daemon.RunAsync());
        await _call.UnsampledAsync("CreateContainer", () => daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), default));
        Assert.Equal([false, false], daemon.Planner.Timed);
        string traced = await _call.SampledAsync("RunPodSandbox", () => daemon.RunAsync(Daemon.PodConfig("traced")));
        await _call.SampledAsync("CreateContainer", () => daemon.Create.ExecuteAsync(traced, Daemon.ContainerConfig(), default));
        Assert.Equal([false, false, true, true], daemon.Planner.Timed);
    }

    [Fact]
    public void Without_a_span_to_put_them_under_moments_are_nothing()
    {
        LaunchSpans.Record(null, [new(LaunchStage.Mounts, 1)]);
        Assert.Empty(_spans);
    }

    /// <summary>A call that has launched something, once it is over.</summary>
    /// <param name="moments">By the call's start in nanoseconds.</param>
    private Task<Activity> LaunchAsync(Func<long, LaunchMoment[]> moments) => _call.SampledAsync("CreateContainer", () => Spans.RunAsync("monitor.create", span =>
    {
        LaunchMoment[] told = moments((span!.StartTimeUtc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        SpinWait.SpinUntil(() => DateTime.UtcNow > span.StartTimeUtc.AddMicroseconds(10)); // what is told has been
        LaunchSpans.Record(span, told);
        return Task.FromResult(span);
    }));

    private Activity[] Launch() => [.. _spans.Where(span => span.OperationName.StartsWith("launch.", StringComparison.Ordinal))];
}
