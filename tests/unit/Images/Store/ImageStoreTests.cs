using System.Text;
using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

public sealed class ImageStoreTests : IAsyncLifetime
{
    private const string Busybox = "docker.io/library/busybox:latest";
    private readonly TestStore _test = new();

    public async ValueTask InitializeAsync() => await _test.OpenAsync();

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task A_pulled_image_is_found_by_every_name_it_has()
    {
        LayeredImage made = _test.Registry[Busybox] = new LayeredImage("""{"Env":["A=1"],"User":"nobody"}""", [Layer("bin").ToArray()]);
        Image image = await _test.PullAsync("busybox");

        Assert.Equal(made.ConfigDigest.ToString(), image.Id);
        Assert.Equal([Busybox], image.RepoTags);
        Assert.Equal([$"docker.io/library/busybox@{made.ManifestDigest}"], image.RepoDigests);
        Assert.Equal(made.Size, image.Size);
        Assert.Equal(["A=1"], image.Config.Env);
        Assert.False(image.Pinned);
        foreach (string name in new[] { "busybox", Busybox, "library/busybox", $"busybox@{made.ManifestDigest}", image.Id, image.Id[7..], image.Id[7..20] })
        {
            Assert.Same(image, _test.Store.Find(name));
        }

        Assert.Null(_test.Store.Find("busybox:1"));
        Assert.Null(_test.Store.Find("nonsense//"));
        Assert.Null(_test.Store.Find(""));
    }

    [Fact]
    public async Task Images_survive_a_restart_and_are_not_fetched_again()
    {
        _test.Registry[Busybox] = new LayeredImage(Layer("a"), Layer("b"));
        Image image = await _test.PullAsync("busybox");

        await _test.ReopenAsync();
        Image again = Assert.Single(_test.Store.List());

        Assert.Equal((image.Id, image.Size, image.LoadedAt), (again.Id, again.Size, again.LoadedAt));
        await _test.PullAsync("busybox");
        Assert.All(_test.Fetched.Values, n => Assert.Equal(1, n));
        Assert.Empty(_test.Warnings);
    }

    [Fact]
    public async Task A_tag_moves_to_the_image_pulled_last_and_the_other_keeps_its_digest()
    {
        LayeredImage old = _test.Registry[Busybox] = new LayeredImage(Layer("old"));
        await _test.PullAsync("busybox");
        LayeredImage next = _test.Registry[Busybox] = new LayeredImage(Layer("new"));
        await _test.PullAsync("busybox");

        Assert.Equal(next.ConfigDigest.ToString(), _test.Store.Find("busybox")!.Id);
        Image untagged = _test.Store.Find($"busybox@{old.ManifestDigest}")!;
        Assert.Empty(untagged.RepoTags);
        await _test.ReopenAsync();
        Assert.Equal(next.ConfigDigest.ToString(), _test.Store.Find("busybox")!.Id);
    }

    [Fact]
    public async Task A_tag_that_two_records_claim_after_a_crash_belongs_to_the_newer()
    {
        LayeredImage old = _test.Registry[Busybox] = new LayeredImage(Layer("old"));
        await _test.PullAsync("busybox");
        string record = Path.Combine(_test.Root, "images", old.ConfigDigest.Hex + ".json");
        byte[] before = await File.ReadAllBytesAsync(record, TestContext.Current.CancellationToken);
        LayeredImage next = _test.Registry[Busybox] = new LayeredImage(Layer("new"));
        await _test.PullAsync("busybox");

        await _test.ReopenAsync(() => File.WriteAllBytes(record, before));

        Assert.Equal(next.ConfigDigest.ToString(), _test.Store.Find("busybox")!.Id);
        Assert.Empty(_test.Store.Find(old.ConfigDigest.ToString())!.RepoTags);
    }

    [Fact]
    public async Task One_image_under_several_names_is_one_image_and_goes_as_one()
    {
        var image = new LayeredImage(Layer("x"));
        _test.Registry[Busybox] = _test.Registry["quay.io/a/b:1"] = _test.Registry["registry.k8s.io/pause:3.10"] = image;
        _test.Registry[$"quay.io/a/b@{image.ManifestDigest}"] = image;
        await _test.PullAsync("busybox");
        await _test.PullAsync("quay.io/a/b:1");
        await _test.PullAsync($"quay.io/a/b@{image.ManifestDigest}");
        await _test.PullAsync("registry.k8s.io/pause:3.10");

        Image one = Assert.Single(_test.Store.List());
        Assert.Equal([Busybox, "quay.io/a/b:1", "registry.k8s.io/pause:3.10"], one.RepoTags);
        Assert.Equal(3, one.RepoDigests.Count);
        Assert.True(one.Pinned);
        await _test.Store.RemoveAsync("quay.io/a/b:1", TestContext.Current.CancellationToken);
        Assert.Empty(_test.Store.List());
    }

    [Fact]
    public async Task Removing_leaves_no_file_of_the_image_but_what_others_share()
    {
        TarBuilder shared = Layer("shared");
        _test.Registry[Busybox] = new LayeredImage(shared, Layer("own"));
        _test.Registry["docker.io/library/other:latest"] = new LayeredImage(shared);
        await _test.PullAsync("busybox");
        await _test.PullAsync("other");
        Assert.Equal(2, _test.Entries("l").Count);

        await _test.Store.RemoveAsync("busybox", TestContext.Current.CancellationToken);
        await _test.Store.RemoveAsync("busybox", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Single(_test.Entries("l"));
        Assert.Equal(2, _test.Entries("blobs/sha256").Count);

        await _test.Store.RemoveAsync("other", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        foreach (string folder in new[] { "l", "layers", "images", "blobs/sha256", "trash", "spill", "staging", "ingest" })
        {
            Assert.Empty(_test.Entries(folder));
        }

        Assert.Equal(default, _test.Store.Usage());
    }

    [Fact]
    public async Task The_store_is_an_OCI_layout_that_lists_its_images_and_is_private()
    {
        LayeredImage image = _test.Registry[Busybox] = new LayeredImage(Layer("x"));
        await _test.PullAsync("busybox");

        string index = await File.ReadAllTextAsync(Path.Combine(_test.Root, "index.json"), TestContext.Current.CancellationToken);
        Assert.Contains(image.ManifestDigest.ToString(), index, StringComparison.Ordinal);
        Assert.Contains(Busybox, index, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_test.Root));
    }

    [Fact]
    public async Task A_layer_that_is_not_what_the_configuration_says_is_refused_and_nothing_is_kept()
    {
        byte[] tar = Layer("evil").ToArray();
        _test.Registry[Busybox] = new LayeredImage("{}", [tar], [Layer("promised").ToArray()]);

        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("busybox"));

        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
        Assert.Empty(_test.Store.List());
        await AssertCleanAsync();
    }

    [Fact]
    public async Task A_hostile_layer_is_refused_by_name_and_nothing_is_kept()
    {
        LayeredImage image = _test.Registry[Busybox] = new LayeredImage(new TarBuilder().File("fine").File("../../../evil", "x"));

        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("busybox"));

        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
        Assert.Contains(image.LayerDigests[0].ToString(), e.Message, StringComparison.Ordinal);
        await AssertCleanAsync();
    }

    [Fact]
    public async Task More_layers_than_overlayfs_takes_are_refused_before_anything_is_fetched()
    {
        _test.Registry[Busybox] = new LayeredImage([.. Enumerable.Range(0, 128).Select(i => Layer($"l{i}"))]);

        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("busybox"));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
        Assert.Empty(_test.Fetched);
    }

    [Fact]
    public async Task Directories_that_a_layer_only_implies_keep_the_attributes_of_the_layer_below()
    {
        _test.Registry[Busybox] = new LayeredImage(new TarBuilder().Directory("srv", 0x1E8, 12, 34), new TarBuilder().File("srv/new", "x"));
        Image image = await _test.PullAsync("busybox");

        Snapshots.SnapshotProbe probe = await Snapshots.SnapshotProbe.MountAsync(_test.Store, image);
        await using (probe)
        {
            Assert.Equal("750 12 34\n", await Shell.RunAsync($"stat -c '%a %u %g' {probe.Root}/srv"));
        }
    }

    [Fact]
    public async Task Content_of_another_system_or_no_image_is_refused()
    {
        await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("missing"));
        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("library/UPPER"));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        Assert.Empty(_test.Store.List());
    }

    [Fact]
    public void Ids_are_found_before_names_and_beginnings_only_when_unique() =>
        Assert.Null(_test.Store.Find(new string('a', 64)));

    private static TarBuilder Layer(string name) => new TarBuilder().Directory("./").Directory(name).File($"{name}/file", Encoding.UTF8.GetString([.. Enumerable.Repeat((byte)'x', 9000)]));

    private async Task AssertCleanAsync()
    {
        await _test.Store.WhenCleanAsync();
        foreach (string folder in new[] { "l", "layers", "images", "blobs/sha256", "trash", "staging" })
        {
            Assert.Empty(_test.Entries(folder));
        }
    }
}
