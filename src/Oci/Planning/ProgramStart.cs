using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>A program of the host to be started: another runtime's binary.</summary>
/// <param name="Title">What it does, for messages: <c>runc create of container web</c>.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Arguments">Without the program's own name.</param>
/// <param name="Directory">Where it runs; absolute.</param>
public sealed record ProgramStart(string Title, string Path, IReadOnlyList<string> Arguments, string Directory)
{
    /// <summary>What it finds mounted; null: what the host has.</summary>
    public ProgramMounts? Mounts { get; init; }
}

/// <summary>
/// Mounted in a mount namespace that a program has to itself and what it starts inherits: the host has no mount that could be left behind.
/// </summary>
/// <param name="Rootfs">The container's root file system, at its mount point.</param>
/// <param name="Directory">Absolute; where the volumes are mounted. It exists.</param>
public sealed record ProgramMounts(OverlayRootfs Rootfs, string Directory)
{
    /// <summary>Mounts of the container's specification, each made at its <see cref="PathOf"/> instead of its destination.</summary>
    public IReadOnlyList<Mount> Volumes { get; init; } = [];

    /// <summary>Of the mounts in that namespace, as in the specification's <c>linux.rootfsPropagation</c>: with <c>rshared</c> mounts made there reach the host.</summary>
    public string Propagation { get; init; } = "";

    /// <summary>The specification's <c>linux.mountLabel</c>.</summary>
    public string? MountLabel { get; init; }

    /// <summary>
    /// Whether a mount would lose its peers if the program made it itself: where the container's mounts reach the host, the mount that holds the root's place is cut off
    /// before the program runs, and the source may be in it.
    /// </summary>
    /// <param name="mount">Of the container's specification.</param>
    /// <param name="propagation">As <see cref="Propagation"/>.</param>
    public static bool LosesPeers(Mount mount, string? propagation)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return MountOptions.ReachesHost(propagation) && mount.Options.Any(static option => MountOptions.KeepsPeers(MountOptions.PropagationOf(option, out _)));
    }

    /// <summary>Where a volume is mounted: a directory, or a file if its <c>X-mount.subdir</c> leads to one.</summary>
    /// <param name="directory">As <see cref="Directory"/>.</param>
    /// <param name="volume">Its place in <see cref="Volumes"/>.</param>
    public static string PathOf(string directory, int volume) => $"{directory}/{NameOf(volume)}";

    internal static string NameOf(int volume) => $"volume-{volume}";
}
