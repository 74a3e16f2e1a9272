using System.Collections.Immutable;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Cgroups;

/// <summary>
/// What the host offers: every mounted hierarchy and the controllers in it (cgroups(7)). Pure v2, pure v1, and the hybrid of both,
/// in which a controller belongs to whichever hierarchy has it.
/// </summary>
public sealed class CgroupHierarchy
{
    private static readonly Lazy<CgroupHierarchy> Host = new(ReadHost);

    private CgroupHierarchy(ImmutableArray<CgroupMount> mounts)
    {
        Mounts = mounts;
        bool hasV1 = false;
        foreach (CgroupMount mount in mounts)
        {
            if (mount.Version == CgroupVersion.V2)
                Unified ??= mount;
            else
                hasV1 = true;
        }
        Version = hasV1 ? CgroupVersion.V1 : CgroupVersion.V2;
    }

    /// <summary>Each hierarchy once, in the order of mountinfo.</summary>
    public ImmutableArray<CgroupMount> Mounts { get; }

    /// <summary>The v2 hierarchy, alone or beside v1 ones; null on a host that has none mounted.</summary>
    public CgroupMount? Unified { get; }

    /// <summary>V2 when there is no v1 hierarchy; a hybrid host is V1.</summary>
    public CgroupVersion Version { get; }

    /// <summary>
    /// This host's hierarchies: reads /proc/self/mountinfo, /proc/self/cgroup and the v2 root's cgroup.controllers at the first call, later calls give the same object.
    /// Throws <see cref="CgroupException"/> when no cgroup file system is mounted.
    /// </summary>
    public static CgroupHierarchy Detect() => Host.Value;

    /// <summary>The hierarchies that these texts describe.</summary>
    /// <param name="mountInfo">As /proc/self/mountinfo (proc_pid_mountinfo(5)).</param>
    /// <param name="selfCgroup">As /proc/self/cgroup (cgroups(7)).</param>
    /// <param name="unifiedControllers">The text of cgroup.controllers of the v2 hierarchy at a mount point.</param>
    public static CgroupHierarchy Parse(string mountInfo, string selfCgroup, Func<string, string> unifiedControllers)
    {
        ImmutableArray<CgroupMount> mounts = CgroupMountParser.Parse(mountInfo, selfCgroup, unifiedControllers);
        return mounts.IsEmpty
            ? throw new CgroupException("no cgroup file system is mounted: mount cgroup2 on /sys/fs/cgroup")
            : new CgroupHierarchy(mounts);
    }

    /// <summary>The hierarchy of a controller by its kernel name (<c>cpu</c>, <c>memory</c>, <c>io</c>, <c>blkio</c>, ...); null when the host has none.</summary>
    public CgroupMount? Find(string controller)
    {
        foreach (CgroupMount mount in Mounts)
        {
            if (mount.Has(controller))
                return mount;
        }
        return null;
    }

    private static CgroupHierarchy ReadHost() => Parse(
        HostFile.ReadText("/proc/self/mountinfo"),
        HostFile.ReadText("/proc/self/cgroup"),
        static mountPoint => HostFile.ReadText(Path.Combine(mountPoint, "cgroup.controllers")));
}
