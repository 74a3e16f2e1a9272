using System.Security.Cryptography;
using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

/// <summary>On a file system of a few megabytes, mounted for the test.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly TemporaryTree _mountPoint = new();
    private TestStore _test = null!;

    public async ValueTask InitializeAsync()
    {
        await Shell.RunAsync($"mount -t tmpfs -o size=6m,nr_inodes=2000 tmpfs {_mountPoint.Path}");
        _test = new TestStore { MountPoint = _mountPoint.Path };
        await _test.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        await Shell.RunAsync($"umount {_mountPoint.Path}");
        _mountPoint.Dispose();
    }

    [Fact]
    public async Task A_pull_that_does_not_fit_says_so_and_gives_everything_back()
    {
        _test.Registry["docker.io/library/big:latest"] = new LayeredImage(
            new TarBuilder().File("small", "x"), new TarBuilder().Member('0', "big", RandomNumberGenerator.GetBytes(16 << 20)));

        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("big"));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
        Assert.Contains("ENOSPC", e.Message, StringComparison.Ordinal);
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("staging"));
        Assert.True(new DriveInfo(_mountPoint.Path).AvailableFreeSpace > 5 << 20);
    }

    [Fact]
    public async Task A_pull_with_too_many_files_says_so_too()
    {
        TarBuilder many = new();
        for (int i = 0; i < 4000; i++)
        {
            many.File($"f{i}");
        }

        _test.Registry["docker.io/library/many:latest"] = new LayeredImage(many);

        var e = await Assert.ThrowsAsync<ImageException>(() => _test.PullAsync("many"));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
    }

    [Fact]
    public async Task Images_and_snapshots_can_be_removed_when_nothing_can_be_written()
    {
        _test.Registry["docker.io/library/one:latest"] = new LayeredImage(new TarBuilder().File("a", new string('x', 1 << 20)));
        Image image = await _test.PullAsync("one");
        await _test.Store.CreateSnapshotAsync("c1", image, TestContext.Current.CancellationToken);
        await Shell.RunAsync($"cat /dev/zero > {_mountPoint.Path}/fill || true; cd {_mountPoint.Path}; for i in $(seq 3000); do : > x$i || break; done 2>/dev/null; true");
        var e = await Assert.ThrowsAsync<ImageException>(() => _test.Store.CreateSnapshotAsync("c2", image, TestContext.Current.CancellationToken));
        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);

        await _test.Store.RemoveSnapshotAsync("c1", TestContext.Current.CancellationToken);
        await _test.Store.RemoveAsync("one", TestContext.Current.CancellationToken);
        await _test.Store.WhenCleanAsync();

        Assert.Empty(_test.Store.List());
        foreach (string folder in new[] { "l", "layers", "images", "snapshots", "trash" })
        {
            Assert.Empty(_test.Entries(folder));
        }

        Assert.True(new DriveInfo(_mountPoint.Path).AvailableFreeSpace >= 1 << 20);
    }
}
