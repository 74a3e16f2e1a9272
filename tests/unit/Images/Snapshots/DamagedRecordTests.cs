using System.Text.RegularExpressions;
using CriRuntime.Images.Snapshots;
using CriRuntime.Images.Tests.Layers;
using CriRuntime.Images.Tests.Store;

namespace CriRuntime.Images.Tests.Snapshots;

/// <summary>Records that were damaged under running containers: nothing that a container may have mounted is discarded before it is removed.</summary>
public sealed partial class DamagedRecordTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private Image _image = null!;
    private ContainerSnapshot _snapshot = null!;

    public async ValueTask InitializeAsync()
    {
        await _test.OpenAsync();
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a", "1"), new TarBuilder().File("b", "2"));
        _test.Registry["docker.io/library/model:latest"] = new LayeredImage(new TarBuilder().File("m", "3"));
        _image = await _test.PullAsync("one");
        Image model = await _test.PullAsync("model");
        _snapshot = await _test.Store.CreateSnapshotAsync("c1", _image, [model], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_snapshot.UpperDir, "own"), "4", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    public async Task Layers_without_readable_records_stay_with_their_container(string damage)
    {
        await _test.ReopenAsync(() => Spoil("layers", damage));
        await _test.Store.WhenCleanAsync();

        Assert.Empty(_test.Store.List());
        AssertWhole();
        Assert.Equal(_snapshot.LowerDirs, _test.Store.FindSnapshot("c1")!.LowerDirs);
        Assert.Equal(3, _test.Entries("damaged").Count);
        Assert.Equal(3, _test.Warnings.Count(w => w.Contains("kept as damaged/layers-", StringComparison.Ordinal)));
        Assert.Contains(_test.Warnings, w => w.Contains("3 unpacked layers (l/1, l/2, l/3)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pull_brings_the_image_back_beside_them_and_they_go_with_their_container()
    {
        await _test.ReopenAsync(() => Spoil("layers", ""));
        await _test.PullAsync("one");
        await _test.ReopenAsync();
        await _test.Store.WhenCleanAsync();

        AssertWhole();
        Assert.Equal(5, _test.Entries("l").Count);
        ContainerSnapshot next = await _test.Store.CreateSnapshotAsync("c2", _test.Store.Find("one")!, TestContext.Current.CancellationToken);
        Assert.Empty(next.LowerDirs.Intersect(_snapshot.LowerDirs));
        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Equal(2, _test.Entries("l").Count);
        Assert.All(next.LowerDirs, d => Assert.NotEmpty(Directory.EnumerateFiles(d)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":99}")]
    public async Task A_snapshot_whose_own_record_is_damaged_keeps_all_layers_until_it_is_removed(string damage)
    {
        await _test.ReopenAsync(() => File.WriteAllText(Path.Combine(_test.Root, "snapshots", "c1", "layers"), damage));
        foreach (string name in new[] { "one", "model" })
            await _test.Store.RemoveAsync(name, TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();

        AssertWhole();
        Assert.Single(_test.Store.ListSnapshots());
        Assert.Contains(_test.Warnings, w => w.Contains("until container c1 is removed", StringComparison.Ordinal));
        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("l"));
        Assert.Empty(_test.Entries("snapshots"));
    }

    [Fact]
    public async Task A_record_of_an_earlier_program_holds_its_layers_too()
    {
        string file = Path.Combine(_test.Root, "snapshots", "c1", "layers");
        await _test.ReopenAsync(() => File.WriteAllText(file, Directories().Replace(File.ReadAllText(file), "")));
        Assert.Equal(_snapshot.LowerDirs, _test.Store.FindSnapshot("c1")!.LowerDirs);
        await _test.ReopenAsync(() => Spoil("layers", "{"));
        await _test.Store.WhenCleanAsync();
        AssertWhole();
    }

    [GeneratedRegex("\"directories\":\\[[^\\]]*\\],?|,\"directories\":\\[[^\\]]*\\]")]
    private static partial Regex Directories();

    private void AssertWhole()
    {
        Assert.Equal("2", File.ReadAllText(Path.Combine(_snapshot.LowerDirs[0], "b")));
        Assert.Equal("1", File.ReadAllText(Path.Combine(_snapshot.LowerDirs[1], "a")));
        Assert.Equal("3", File.ReadAllText(Path.Combine(_snapshot.Volumes[0].LowerDirs[0], "m")));
        Assert.Equal("4", File.ReadAllText(Path.Combine(_snapshot.UpperDir, "own")));
    }

    private void Spoil(string folder, string damage)
    {
        foreach (string file in _test.Entries(folder))
            File.WriteAllText(Path.Combine(_test.Root, folder, file), damage);
    }
}
