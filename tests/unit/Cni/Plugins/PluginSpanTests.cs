using System.Collections.Concurrent;
using System.Diagnostics;

namespace CriRuntime.Cni.Tests.Plugins;

public sealed class PluginSpanTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivitySource _caller = new("CriRuntime");
    private readonly ActivityListener _listener;

    public PluginSpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "CriRuntime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _caller.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public async Task Each_plugin_of_a_chain_is_a_span_named_by_its_type_and_says_why_it_failed()
    {
        _sandbox.GoodPlugin("main");
        _sandbox.Plugin("picky", "[ \"$CNI_COMMAND\" != ADD ] || { echo '{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"try later\"}'; exit 1; }");
        _sandbox.Network("podnet", "1.0.0", "main", "picky");
        using CniNetworks networks = _sandbox.Open();
        Activity call = _caller.StartActivity("call")!;
        await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));
        call.Stop();

        Activity[] plugins = [.. _spans.Where(span => span.TraceId == call.TraceId && span != call)];
        Assert.All(plugins, span => Assert.Equal(call.SpanId, span.ParentSpanId));
        Assert.Equal(
            ["ADD main podnet Unset", "ADD picky podnet Error", "DEL picky podnet Unset", "DEL main podnet Unset"],
            plugins.Select(span => $"{span.GetTagItem("cni.command")} {span.OperationName} {span.GetTagItem("cni.network")} {span.Status}"));
        Assert.Contains("try later", plugins[1].StatusDescription, StringComparison.Ordinal);
    }
}
