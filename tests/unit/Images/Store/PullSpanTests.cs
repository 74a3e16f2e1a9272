using System.Collections.Concurrent;
using System.Diagnostics;
using CriRuntime.Images.Registry;
using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

public sealed class PullSpanTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivitySource _caller = new("CriRuntime");
    private readonly ActivityListener _listener;

    public PullSpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "CriRuntime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async ValueTask InitializeAsync() => await _test.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _caller.Dispose();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task A_pull_is_a_tree_down_to_each_layer_with_its_size_and_without_credentials()
    {
        LayeredImage image = _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a"), new TarBuilder().File("b", new string('b', 9999)));
        Activity call = _caller.StartActivity("call")!;
        await _test.Store.PullAsync("one", new RegistryCredentials { Username = "someone", Password = "hunter2", ServerAddress = "docker.io" }, TestContext.Current.CancellationToken);
        call.Stop();

        Activity[] spans = [.. _spans.Where(span => span.TraceId == call.TraceId)];
        Dictionary<ActivitySpanId, string> names = spans.ToDictionary(span => span.SpanId, span => span.OperationName);
        string[] tree = [.. spans.Where(span => span != call).Select(span => $"{span.OperationName} < {names[span.ParentSpanId]}").Order(StringComparer.Ordinal)];
        Assert.Equal(["image.commit < call", "image.config < call", "image.layer < call", "image.layer < call", "image.manifest < image.resolve", "image.resolve < call"], tree);
        Assert.Equal("docker.io/library/one:latest", call.GetTagItem("container.image.name"));
        Assert.Equal(
            image.LayerDigests.Select(digest => $"{digest} {image.Blobs[digest].Length}").Order(StringComparer.Ordinal),
            spans.Where(span => span.OperationName == "image.layer").Select(span => $"{span.GetTagItem("layer.digest")} {span.GetTagItem("layer.size")}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => tag.Value?.ToString()?.Contains("hunter2", StringComparison.Ordinal) == true);
    }
}
