namespace CriRuntime.Images.Snapshots;

/// <summary>The directories of one container's root file system, for an overlay mount. Paths are absolute.</summary>
/// <param name="Key">The container's id.</param>
/// <param name="ImageId">The image that it was made of, <c>sha256:…</c>; it may have been removed since. Empty when the snapshot's record was damaged.</param>
/// <param name="StoreRoot">The store's directory. Lower directories relative to it (<c>l/7</c>) fit on the kernel's page even for 127 layers.</param>
/// <param name="LowerDirs">Read-only layers, top first; at least one.</param>
/// <param name="UpperDir">What the container writes; has the owner and mode of the image's root directory.</param>
/// <param name="WorkDir">Overlayfs' own.</param>
public sealed record ContainerSnapshot(
    string Key, string ImageId, string StoreRoot, IReadOnlyList<string> LowerDirs, string UpperDir, string WorkDir)
{
    /// <summary>The images that the container mounts besides, whose layers the snapshot holds; each once.</summary>
    public IReadOnlyList<ImageView> Volumes { get; init; } = [];
}

/// <summary>An image's content for an overlay mount that has no upper directory, and so can't be written by anyone.</summary>
/// <param name="ImageId"><c>sha256:…</c>; the image may have been removed since.</param>
/// <param name="LowerDirs">Absolute, top first; at least two, which is what overlayfs wants without an upper directory.</param>
public sealed record ImageView(string ImageId, IReadOnlyList<string> LowerDirs);

/// <summary>What a writable layer takes on disk.</summary>
/// <param name="MeasuredAt">When; <see cref="DateTimeOffset.MinValue"/> before the first time.</param>
public readonly record struct SnapshotUsage(long Bytes, long Inodes, DateTimeOffset MeasuredAt);
