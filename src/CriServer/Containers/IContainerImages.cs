namespace CriRuntime.CriServer.Containers;

/// <summary>What containers need of the image store.</summary>
public interface IContainerImages
{
    /// <summary>An image by id, digest, tag, or what a user wrote. Null when it is not on the node.</summary>
    ContainerImage? Find(string image);

    /// <summary>Whether there is such an image, and it says that it is a checkpoint and nothing to start.</summary>
    bool IsCheckpoint(string image);

    /// <summary>Makes the writable layer of a container above an image's layers.</summary>
    /// <param name="volumes">Images that it mounts besides. As long as the writable layer is there, their layers are, whatever becomes of the images.</param>
    Task<RootfsLayers> CreateSnapshotAsync(
        string containerId, ContainerImage image, IReadOnlyCollection<ContainerImage> volumes, CancellationToken cancellationToken);

    /// <summary>The directories of a container's writable layer; null when it has none.</summary>
    RootfsLayers? FindSnapshot(string containerId);

    /// <summary>Removes a container's writable layer. Idempotent.</summary>
    Task RemoveSnapshotAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>The containers that have a writable layer, for clean-up after a crash.</summary>
    IReadOnlyList<string> SnapshotKeys();
}

/// <summary>The part of an image that a container's process is made of. Hostile input: nothing in it has been checked.</summary>
public sealed record ContainerImage
{
    /// <summary><c>sha256:...</c> of the image's configuration.</summary>
    public required string Id { get; init; }

    /// <summary>What the CRI's image_ref reports: a repository digest, or the id.</summary>
    public required string Ref { get; init; }

    public IReadOnlyList<string> Environment { get; init; } = [];

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    public string WorkingDirectory { get; init; } = "";

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c> or <c>uid:gid</c>.</summary>
    public string User { get; init; } = "";

    public string StopSignal { get; init; } = "";
}

/// <summary>The directories of an overlay mount. <paramref name="LowerDirs"/>: the image's layers, top first.</summary>
public sealed record RootfsLayers(IReadOnlyList<string> LowerDirs, string UpperDir, string WorkDir)
{
    /// <summary>The directories of the images that are volumes, top first, by image id; each has at least two.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ImageVolumes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
