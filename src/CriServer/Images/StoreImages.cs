using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Stats;
using CriRuntime.Images;
using CriRuntime.Images.Snapshots;

namespace CriRuntime.CriServer.Images;

/// <summary>The image store as containers and statistics see it.</summary>
public sealed class StoreImages(ImageStore store, ImageDirectories directories) : IContainerImages, IWritableLayers
{
    public string MountPoint => directories.Snapshots;

    public ContainerImage? Find(string image) => store.Find(image) is { } found ? Describe(found) : null;

    public bool IsCheckpoint(string image) =>
        store.Find(image) is { } found && store.AnnotationsOf(found) is { Count: > 0 } annotations && CheckpointNames.Annotations.Any(annotations.ContainsKey);

    public async Task<RootfsLayers> CreateSnapshotAsync(
        string containerId, ContainerImage image, IReadOnlyCollection<ContainerImage> volumes, CancellationToken cancellationToken)
    {
        Image stored = Stored(image, containerId);
        List<Image> mounted = [.. volumes.Select(volume => Stored(volume, containerId))];
        ContainerSnapshot snapshot = await store.CreateSnapshotAsync(containerId, stored, mounted, cancellationToken).ConfigureAwait(false);
        return new RootfsLayers(snapshot.LowerDirs, snapshot.UpperDir, snapshot.WorkDir)
        {
            ImageVolumes = snapshot.Volumes.ToDictionary(view => view.ImageId, view => view.LowerDirs, StringComparer.Ordinal),
        };
    }

    public RootfsLayers? FindSnapshot(string containerId) =>
        store.FindSnapshot(containerId) is { } snapshot ? new RootfsLayers(snapshot.LowerDirs, snapshot.UpperDir, snapshot.WorkDir) : null;

    public Task RemoveSnapshotAsync(string containerId, CancellationToken cancellationToken) =>
        store.RemoveSnapshotAsync(containerId, cancellationToken);

    public IReadOnlyList<string> SnapshotKeys() => [.. store.ListSnapshots().Select(snapshot => snapshot.Key)];

    public LayerUse? UseOf(string containerId) =>
        store.LastSnapshotUsage(containerId) is { } usage && usage.MeasuredAt != DateTimeOffset.MinValue
            ? new LayerUse((ulong)usage.Bytes, (ulong)usage.Inodes, (usage.MeasuredAt - DateTimeOffset.UnixEpoch).Ticks * 100)
            : null;

    private Image Stored(ContainerImage image, string containerId) => store.Find(image.Id)
        ?? throw CriException.NotFound($"image {image.Id} was removed while container {containerId} was being created; pull it again");

    private static ContainerImage Describe(Image image) => new()
    {
        Id = image.Id,
        Ref = image.RepoDigests.Count > 0 ? image.RepoDigests[0] : image.Id,
        Environment = image.Config.Env ?? [],
        Entrypoint = image.Config.Entrypoint ?? [],
        Command = image.Config.Cmd ?? [],
        WorkingDirectory = image.Config.WorkingDir ?? "",
        User = image.Config.User ?? "",
        StopSignal = image.Config.StopSignal ?? "",
    };
}
