using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

public sealed class ConcurrentPullTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask InitializeAsync() => await _test.OpenAsync();

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Twenty_pulls_of_one_image_and_of_one_that_shares_a_layer_fetch_each_blob_once()
    {
        TarBuilder shared = new TarBuilder().File("shared", new string('s', 100_000));
        LayeredImage one = _test.Registry["docker.io/library/one:latest"] = new LayeredImage(shared, new TarBuilder().File("one"));
        _test.Registry["docker.io/library/two:latest"] = new LayeredImage(shared, new TarBuilder().File("two"));
        _test.BeforeBlob = (digest, _) => digest == one.ConfigDigest ? Task.CompletedTask : _open.Task;

        Task<Image>[] pulls = [.. Enumerable.Range(0, 20).Select(i => _test.PullAsync(i % 2 == 0 ? "one" : "two"))];
        await Task.Delay(50, TestContext.Current.CancellationToken);
        _open.SetResult();
        Image[] images = await Task.WhenAll(pulls);

        Assert.Equal(2, images.Select(i => i.Id).Distinct().Count());
        Assert.All(_test.Fetched.Values, n => Assert.Equal(1, n));
        Assert.Equal(3, _test.Entries("l").Count);
    }

    [Fact]
    public async Task A_cancelled_pull_leaves_another_of_the_same_image_running()
    {
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a"));
        _test.BeforeBlob = (_, token) => _open.Task.WaitAsync(token);
        using var impatient = new CancellationTokenSource();
        Task<Image> cancelled = _test.Store.PullAsync("one", null, impatient.Token);
        Task<Image> patient = _test.PullAsync("one");
        await Task.Delay(50, TestContext.Current.CancellationToken);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _open.SetResult();

        Assert.NotNull(await patient);
    }

    [Fact]
    public async Task A_pull_that_everyone_gave_up_leaves_nothing_behind()
    {
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a"), new TarBuilder().File("b"));
        _test.BeforeBlob = (_, token) => Task.Delay(Timeout.Infinite, token);
        using var impatient = new CancellationTokenSource(50);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _test.Store.PullAsync("one", null, impatient.Token));

        _test.BeforeBlob = (_, _) => Task.CompletedTask;
        Assert.NotNull(await _test.PullAsync("one"));
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("staging"));
    }

    [Fact]
    public async Task Closing_the_store_cancels_pulls()
    {
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a"));
        _test.BeforeBlob = (_, token) => Task.Delay(Timeout.Infinite, token);
        Task<Image> pull = _test.PullAsync("one");
        await Task.Delay(50, TestContext.Current.CancellationToken);

        await _test.ReopenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
    }

    [Fact]
    public async Task A_pull_whose_shared_layer_failed_in_another_pull_tries_for_itself()
    {
        TarBuilder shared = new TarBuilder().File("shared");
        LayeredImage one = _test.Registry["docker.io/library/one:latest"] = new LayeredImage(shared);
        _test.Registry["docker.io/library/two:latest"] = new LayeredImage(shared, new TarBuilder().File("own"));
        int asked = 0;
        _test.BeforeBlob = async (digest, _) =>
        {
            if (digest == one.LayerDigests[0] && Interlocked.Increment(ref asked) == 1)
            {
                await _open.Task;
                throw new ImageException(ImageErrorKind.Unauthorized, "denied");
            }
        };
        Task<Image> first = _test.PullAsync("one");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Task<Image> second = _test.PullAsync("two");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        _open.SetResult();

        var e = await Assert.ThrowsAsync<ImageException>(() => first);
        Assert.Equal(ImageErrorKind.Unauthorized, e.Kind);
        Assert.NotNull(await second);
    }

    [Fact]
    public async Task Removing_while_pulling_never_takes_a_layer_from_the_image_that_arrives()
    {
        TarBuilder shared = new TarBuilder().File("shared");
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(shared);
        LayeredImage two = _test.Registry["docker.io/library/two:latest"] = new LayeredImage(shared, new TarBuilder().File("own"));
        await _test.PullAsync("one");
        _test.BeforeBlob = (digest, _) => digest == two.LayerDigests[1] ? _open.Task : Task.CompletedTask;
        Task<Image> pull = _test.PullAsync("two");
        await Task.Delay(100, TestContext.Current.CancellationToken);

        await _test.Store.RemoveAsync("one", TestContext.Current.CancellationToken);
        _open.SetResult();
        Image image = await pull;
        await _test.Store.WhenCleanAsync();

        Assert.Equal(2, _test.Entries("l").Count);
        Assert.NotNull(await _test.Store.CreateSnapshotAsync("c", image, TestContext.Current.CancellationToken));
    }
}
