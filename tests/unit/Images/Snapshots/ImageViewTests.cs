using CriRuntime.Images.Snapshots;
using CriRuntime.Images.Tests.Layers;
using CriRuntime.Images.Tests.Store;

namespace CriRuntime.Images.Tests.Snapshots;

/// <summary>Images that a container mounts besides its own.</summary>
public sealed class ImageViewTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private Image _main = null!;
    private Image _model = null!;

    public async ValueTask InitializeAsync()
    {
        await _test.OpenAsync();
        _test.Registry["docker.io/library/main:latest"] = new LayeredImage(new TarBuilder().Directory("etc").File("etc/passwd", "root"));
        _test.Registry["docker.io/library/model:latest"] = new LayeredImage(
            new TarBuilder().Directory("data").File("data/old").File("data/weights", "1"),
            new TarBuilder().Directory("data").File("data/.wh.old"));
        _main = await _test.PullAsync("main");
        _model = await _test.PullAsync("model");
    }

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task A_view_has_the_images_layers_from_the_top_and_mounts_read_only()
    {
        ImageView view = Assert.Single((await CreateAsync(_model)).Volumes);
        Assert.Equal(_model.Id, view.ImageId);
        Assert.False(File.Exists(view.LowerDirs[0] + "/data/weights"));
        Assert.Equal("1", await File.ReadAllTextAsync(view.LowerDirs[1] + "/data/weights", TestContext.Current.CancellationToken));
        Assert.Equal("./data/weights\n", await ListAsync(view));
    }

    [Fact]
    public async Task An_image_of_one_layer_or_of_none_can_be_mounted_too()
    {
        _test.Registry["docker.io/library/scratch:latest"] = new LayeredImage();
        ContainerSnapshot snapshot = await CreateAsync(_main, await _test.PullAsync("scratch"));
        Assert.Equal("./etc/passwd\n", await ListAsync(snapshot.Volumes[0]));
        Assert.Equal("", await ListAsync(snapshot.Volumes[1]));
    }

    [Fact]
    public async Task Layers_of_a_view_outlive_their_image_and_the_daemon_until_the_snapshot_goes()
    {
        IReadOnlyList<string> layers = Assert.Single((await CreateAsync(_model, _model)).Volumes).LowerDirs;
        await _test.Store.RemoveAsync(_model.Id, TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.All(layers, d => Assert.True(Directory.Exists(d)));

        await _test.ReopenAsync();
        Assert.Equal(layers, Assert.Single(_test.Store.FindSnapshot("c1")!.Volumes).LowerDirs);
        await _test.Store.RemoveAsync(_main.Id, TestContext.Current.CancellationToken); // collects
        await _test.Store.WhenCleanAsync();
        Assert.All(layers, d => Assert.True(Directory.Exists(d)));

        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("l"));
    }

    [Fact]
    public async Task The_last_holder_of_a_removed_image_lets_its_layers_go_while_its_own_image_stays()
    {
        await CreateAsync(_model);
        await _test.Store.RemoveAsync(_model.Id, TestContext.Current.CancellationToken);
        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Single(_test.Entries("l"));
    }

    [Fact]
    public async Task A_removed_image_makes_no_view_and_no_snapshot()
    {
        await _test.Store.RemoveAsync(_model.Id, TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        var e = await Assert.ThrowsAsync<ImageException>(() => CreateAsync(_model));
        Assert.Equal(ImageErrorKind.NotFound, e.Kind);
        Assert.Empty(_test.Entries("snapshots"));
    }

    [Fact]
    public async Task A_record_of_an_earlier_program_has_no_views()
    {
        ContainerSnapshot snapshot = await CreateAsync();
        string record = Path.Combine(_test.Root, "snapshots/c1/layers");
        string text = await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken);
        Assert.Contains(",\"volumes\":null", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(record, text.Replace(",\"volumes\":null", "", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await _test.ReopenAsync();
        Assert.Equal(snapshot.LowerDirs, _test.Store.FindSnapshot("c1")!.LowerDirs);
        Assert.Empty(_test.Store.FindSnapshot("c1")!.Volumes);
    }

    private Task<ContainerSnapshot> CreateAsync(params Image[] volumes) =>
        _test.Store.CreateSnapshotAsync("c1", _main, volumes, TestContext.Current.CancellationToken);

    /// <summary>The files of a view that is mounted for the moment of a namespace, in which nothing can be written.</summary>
    private static Task<string> ListAsync(ImageView view) => Shell.RunAsync(
        $"unshare -m sh -ec 'mount -t overlay -o lowerdir={string.Join(':', view.LowerDirs)} v /mnt; cd /mnt; ! touch x 2>/dev/null; find . -type f | sort'");
}
