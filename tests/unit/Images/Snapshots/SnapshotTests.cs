using CriRuntime.Images.Snapshots;
using CriRuntime.Images.Tests.Layers;
using CriRuntime.Images.Tests.Store;

namespace CriRuntime.Images.Tests.Snapshots;

public sealed class SnapshotTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private Image _image = null!;

    public async ValueTask InitializeAsync()
    {
        await _test.OpenAsync();
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(
            new TarBuilder().Directory("./", 0x1E8, 3, 4).Directory("etc").File("etc/passwd", "root").File("etc/group", "g").Directory("opt").File("opt/old"),
            new TarBuilder().Directory("etc").File("etc/.wh.passwd").Directory("opt").File("opt/.wh..wh..opq").File("opt/new", "n"));
        _image = await _test.PullAsync("one");
    }

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task A_mounted_snapshot_shows_the_image_with_deleted_files_gone()
    {
        SnapshotProbe probe = await SnapshotProbe.MountAsync(_test.Store, _image);
        await using (probe)
        {
            Assert.Equal("etc\netc/group\nopt\nopt/new\n", await Shell.RunAsync($"cd {probe.Root}; find . -mindepth 1 -printf '%P\\n' | sort"));
            Assert.Equal("750 3 4\n", await Shell.RunAsync($"stat -c '%a %u %g' {probe.Root}"));
            await Shell.RunAsync($"echo hi > {probe.Root}/etc/passwd; rm {probe.Root}/opt/new");
            Assert.Equal("hi\n", await File.ReadAllTextAsync(Path.Combine(probe.Snapshot.UpperDir, "etc/passwd"), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Snapshots_survive_a_restart_and_the_removal_of_their_image()
    {
        ContainerSnapshot made = await CreateAsync("c1");
        await _test.Store.RemoveAsync(_image.Id, TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.All(made.LowerDirs, d => Assert.True(Directory.Exists(d)));

        await _test.ReopenAsync();
        ContainerSnapshot found = _test.Store.FindSnapshot("c1")!;
        Assert.Equal((made.UpperDir, made.WorkDir, made.ImageId), (found.UpperDir, found.WorkDir, found.ImageId));
        Assert.Equal(made.LowerDirs, found.LowerDirs);

        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("l"));
        Assert.Empty(_test.Entries("snapshots"));
        Assert.Null(_test.Store.FindSnapshot("c1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../../etc")]
    [InlineData("a/b")]
    [InlineData(".tmp-x")]
    [InlineData("a\0b")]
    public async Task Keys_that_are_no_plain_names_are_refused(string key)
    {
        var e = await Assert.ThrowsAsync<ImageException>(() => CreateAsync(key));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        await Assert.ThrowsAsync<ImageException>(() => _test.Store.RemoveSnapshotAsync(key, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_is_unique_until_it_is_removed()
    {
        await CreateAsync("c1");
        var e = await Assert.ThrowsAsync<ImageException>(() => CreateAsync("c1"));
        Assert.Equal(ImageErrorKind.FailedPrecondition, e.Kind);

        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await CreateAsync("c1");
        Assert.Single(_test.Store.ListSnapshots());
    }

    [Fact]
    public async Task A_removed_image_makes_no_snapshots()
    {
        await _test.Store.RemoveAsync(_image.Id, TestContext.Current.CancellationToken);

        var e = await Assert.ThrowsAsync<ImageException>(() => CreateAsync("c1"));
        Assert.Equal(ImageErrorKind.NotFound, e.Kind);
        Assert.Empty(_test.Entries("snapshots"));
    }

    [Fact]
    public async Task An_image_without_layers_has_an_empty_lower_directory()
    {
        _test.Registry["docker.io/library/scratch:latest"] = new LayeredImage();
        ContainerSnapshot snapshot = await _test.Store.CreateSnapshotAsync("c", await _test.PullAsync("scratch"), TestContext.Current.CancellationToken);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Assert.Single(snapshot.LowerDirs)));
    }

    [Fact]
    public async Task What_a_container_wrote_is_measured()
    {
        ContainerSnapshot snapshot = await CreateAsync("c1");
        await File.WriteAllBytesAsync(Path.Combine(snapshot.UpperDir, "big"), new byte[1 << 20], TestContext.Current.CancellationToken);
        await Shell.RunAsync($"ln {snapshot.UpperDir}/big {snapshot.UpperDir}/again; ln -s / {snapshot.UpperDir}/out");

        SnapshotUsage usage = (await _test.Store.SnapshotUsageAsync("c1", TestContext.Current.CancellationToken))!.Value;

        Assert.InRange(usage.Bytes, 1 << 20, (1 << 20) + 65536);
        Assert.Equal(3, usage.Inodes); // the directory, the file once, the link
        Assert.Equal(usage.Bytes, _test.Store.Usage().ContainerBytes);
        Assert.True(_test.Store.Usage().ImageInodes > 5);
        Assert.Null(await _test.Store.SnapshotUsageAsync("none", TestContext.Current.CancellationToken));
    }

    private Task<ContainerSnapshot> CreateAsync(string key) => _test.Store.CreateSnapshotAsync(key, _image, TestContext.Current.CancellationToken);
}
