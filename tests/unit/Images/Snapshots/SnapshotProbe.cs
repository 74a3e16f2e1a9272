using CriRuntime.Images.Snapshots;

namespace CriRuntime.Images.Tests.Snapshots;

/// <summary>A snapshot mounted as a container would see it.</summary>
internal sealed class SnapshotProbe : IAsyncDisposable
{
    private readonly TemporaryTree _mountPoint = new();

    private SnapshotProbe(ContainerSnapshot snapshot) => Snapshot = snapshot;

    public ContainerSnapshot Snapshot { get; }

    public string Root => _mountPoint.Path;

    public static async Task<SnapshotProbe> MountAsync(ImageStore store, Image image)
    {
        ContainerSnapshot snapshot = await store.CreateSnapshotAsync("probe", image, TestContext.Current.CancellationToken);
        var probe = new SnapshotProbe(snapshot);
        string options = $"lowerdir={string.Join(':', snapshot.LowerDirs)},upperdir={snapshot.UpperDir},workdir={snapshot.WorkDir}";
        await Shell.RunAsync($"mount -t overlay overlay -o {options} {probe.Root}");
        return probe;
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync($"umount {Root}");
        _mountPoint.Dispose();
    }
}
