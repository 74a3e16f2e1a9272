namespace CriRuntime.CriServer.Checkpoints;

/// <summary>The files of a checkpoint's archive, as CRI-O, containerd and Podman write them and checkpointctl reads them.</summary>
public static class CheckpointNames
{
    /// <summary>criu's images.</summary>
    public const string Images = "checkpoint";

    /// <summary>Which container and image it was.</summary>
    public const string Config = "config.dump";

    /// <summary>The OCI specification.</summary>
    public const string Spec = "spec.dump";

    /// <summary>When and in which state, as containerd's.</summary>
    public const string Status = "status";

    /// <summary>The mounts that are not in the checkpoint.</summary>
    public const string BindMounts = "bind.mounts";

    /// <summary>The writable layer, in the form of an image's layer.</summary>
    public const string RootfsDiff = "rootfs-diff.tar";

    /// <summary>What of the image it hides, for people and tools.</summary>
    public const string DeletedFiles = "deleted.files";

    public const string DumpLog = "dump.log";

    public const string RestoreLog = "restore.log";

    public const string Stats = "stats-dump";

    /// <summary>In <see cref="Images"/>: what standard input, output and error lead to, as runc has it.</summary>
    public const string Descriptors = "descriptors.json";

    /// <summary>In <see cref="Images"/>: criu writes it last.</summary>
    public const string Inventory = "inventory.img";

    /// <summary>The annotations by which an image says that it is a checkpoint; the value is the container's name.</summary>
    public static readonly IReadOnlyList<string> Annotations = ["org.criu.checkpoint.container.name", "io.kubernetes.cri-o.annotations.checkpoint.name"];
}
