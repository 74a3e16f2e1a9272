using CriRuntime.Images.Snapshots;

namespace CriRuntime.Images;

/// <summary>Writable layers of containers.</summary>
public sealed partial class ImageStore
{
    /// <summary>Makes the writable layer of a container over an image's layers.</summary>
    /// <param name="key">The container's id: 1 to 128 letters, digits, '_', '.' and '-', not beginning with '.'.</param>
    /// <exception cref="ImageException">InvalidArgument: the key. FailedPrecondition: the key is taken. NotFound: the image is gone. ResourceExhausted: no space.</exception>
    public Task<ContainerSnapshot> CreateSnapshotAsync(string key, Image image, CancellationToken cancellationToken) =>
        CreateSnapshotAsync(key, image, [], cancellationToken);

    /// <summary>As <see cref="CreateSnapshotAsync(string, Image, CancellationToken)"/> for a container that mounts the content of other images.</summary>
    /// <param name="volumes">Their layers are held as long as the snapshot is there, also across restarts, whatever becomes of the images.</param>
    /// <exception cref="ImageException">As for a snapshot without volumes.</exception>
    public Task<ContainerSnapshot> CreateSnapshotAsync(string key, Image image, IReadOnlyCollection<Image> volumes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_snapshots.Create(key, image, volumes));
    }

    public ContainerSnapshot? FindSnapshot(string key) => _snapshots.Find(key);

    /// <summary>All snapshots; a daemon removes those whose container no longer exists.</summary>
    public IReadOnlyList<ContainerSnapshot> ListSnapshots() => _snapshots.List();

    /// <summary>
    /// Takes a snapshot out of sight at once; its files are removed in the background, in constant memory whatever the container left there. Its overlay must be unmounted. Nothing
    /// happens when there is none. Works on a full disk.
    /// </summary>
    public Task RemoveSnapshotAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_snapshots.Remove(key) is { } removed && (_layers.HasStrays || IsLastUse(removed)))
        {
            Collect();
        }

        return Task.CompletedTask;

        bool IsLastUse(ContainerSnapshot of) => of.Volumes.Select(v => v.ImageId).Append(of.ImageId).Any(id => Find(id) is null);
    }

    /// <summary>What a container had written when last measured, without waiting; an old figure is measured again in the background. Null when there is no such snapshot.</summary>
    public SnapshotUsage? LastSnapshotUsage(string key) => _snapshots.Meter.Last(key);

    /// <summary>What a container wrote, measured when the last figure is older than ten seconds; null when there is no such snapshot.</summary>
    public Task<SnapshotUsage?> SnapshotUsageAsync(string key, CancellationToken cancellationToken) => _snapshots.Meter.MeasureAsync(key, cancellationToken);
}
