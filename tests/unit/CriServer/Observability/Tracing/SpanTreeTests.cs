using System.Collections.Concurrent;
using System.Diagnostics;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Tracing;
using Grpc.Core;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

[Collection(TracingCollection.Name)]
public sealed class SpanTreeTests : IDisposable
{
    private readonly Daemon _daemon = new();
    private readonly TracedCall _call = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public SpanTreeTests()
    {
        _listener = new TraceSampler(0).Listen(_spans.Enqueue);
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public async Task A_pod_shows_what_its_start_waited_for()
    {
        string pod = await _call.SampledAsync("RunPodSandbox", () => _daemon.RunAsync());
        Assert.Equal(
            ["RunPodSandbox < caller", "monitor.launch < RunPodSandbox", "network.attach < RunPodSandbox", "network.record < RunPodSandbox", "pod.cgroup < RunPodSandbox"],
            Tree());
        Activity root = _spans.Single(span => span.OperationName == "RunPodSandbox");
        Assert.Equal((pod, "web", "default"), (root.GetTagItem("sandbox.id"), root.GetTagItem("k8s.pod.name"), root.GetTagItem("k8s.namespace.name")));
        Assert.Equal(("runtime.v1.RuntimeService", "RunPodSandbox"), (root.GetTagItem("rpc.service"), root.GetTagItem("rpc.method")));
    }

    [Fact]
    public async Task A_containers_life_shows_its_steps()
    {
        string pod = await _daemon.RunAsync();
        string id = await _call.SampledAsync("CreateContainer", () => _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), default));
        Assert.Equal(
            [
                "CreateContainer < caller", "container.cgroup < CreateContainer", "container.plan < CreateContainer", "container.snapshot < CreateContainer",
                "container.spec < CreateContainer", "container.user < CreateContainer",
            ],
            Tree());
        Assert.Equal(id, _spans.Single(span => span.OperationName == "CreateContainer").GetTagItem("container.id"));
        await _daemon.Start.ExecuteAsync(id, default);
        _spans.Clear();
        await _call.SampledAsync("StopContainer", async () =>
        {
            await _daemon.Stop.ExecuteAsync(id, 10, default);
            return "";
        });
        Assert.Equal(["StopContainer < caller", "container.grace < StopContainer"], Tree());
    }

    [Fact]
    public async Task The_step_that_failed_says_why()
    {
        _daemon.Network.BeforeAttach = () => throw new IOException("no address is left");
        await Assert.ThrowsAsync<IOException>(() => _call.SampledAsync("RunPodSandbox", () => _daemon.RunAsync()));
        Activity attach = _spans.Single(span => span.OperationName == "network.attach");
        Assert.Equal((ActivityStatusCode.Error, "no address is left"), (attach.Status, attach.StatusDescription));
        Assert.Equal(ActivityStatusCode.Unset, _spans.Single(span => span.OperationName == "monitor.launch").Status);
    }

    [Fact]
    public async Task A_failed_call_says_its_code_and_reason_and_a_long_one_is_cut()
    {
        await Assert.ThrowsAsync<RpcException>(() => _call.SampledAsync<string>(
            "RunPodSandbox", () => throw new RpcException(new Status(StatusCode.NotFound, new string('x', 1 << 20)))));
        Activity call = _spans.Single();
        Assert.Equal((ActivityStatusCode.Error, 1024, (int)StatusCode.NotFound), (call.Status, call.StatusDescription!.Length, call.GetTagItem("rpc.grpc.status_code")));
    }

    [Fact]
    public async Task Environment_and_annotations_stay_out_of_traces()
    {
        string pod = await _daemon.RunAsync();
        ContainerConfig config = Daemon.ContainerConfig() with { Environment = [new EnvironmentVariable("TOKEN", "hunter2"u8.ToArray())] };
        await _call.SampledAsync("CreateContainer", () => _daemon.Create.ExecuteAsync(pod, config, default));
        Assert.DoesNotContain(_spans.SelectMany(span => span.TagObjects), tag => $"{tag.Key}={tag.Value}".Contains("hunter2", StringComparison.Ordinal) || tag.Key.Contains("TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_traced_caller_and_a_share_to_sample_nothing_is_recorded_below_a_call_either()
    {
        await TracedCall.RunAsync("RunPodSandbox", () => _daemon.RunAsync());
        await _call.UnsampledAsync("RunPodSandbox", () => _daemon.RunAsync(Daemon.PodConfig("other")));
        // The web server has an activity of its own around every call.
        using Activity server = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        await TracedCall.RunAsync("RunPodSandbox", () => _daemon.RunAsync(Daemon.PodConfig("third")));
        Assert.Empty(_spans);
    }

    [Fact]
    public async Task While_nobody_listens_there_are_no_spans()
    {
        _listener.Dispose();
        Assert.False(Spans.Source.HasListeners());
        Activity? seen = await _call.SampledAsync("RunPodSandbox", () => Spans.RunAsync("step", span => Task.FromResult(span ?? Activity.Current)));
        Assert.Null(seen);
    }

    /// <summary>Every span and its parent, sorted.</summary>
    private string[] Tree()
    {
        Assert.All(_spans, span => Assert.Equal(_call.TraceId, span.TraceId));
        Dictionary<ActivitySpanId, string> names = _spans.ToDictionary(span => span.SpanId, span => span.OperationName);
        names[_call.ParentId] = "caller";
        string[] tree = [.. _spans.Select(span => $"{span.OperationName} < {names[span.ParentSpanId]}")];
        Array.Sort(tree, StringComparer.Ordinal);
        return tree;
    }
}
