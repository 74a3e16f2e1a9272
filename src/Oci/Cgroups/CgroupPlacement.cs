using System.Collections.Immutable;

namespace CriRuntime.Oci.Cgroups;

/// <summary>
/// Where a container's processes belong: one directory per hierarchy, all of the same path. Computed, not looked up:
/// making one does no I/O, so every process that knows the path can make its own.
/// </summary>
public sealed record CgroupPlacement
{
    private CgroupPlacement(CgroupHierarchy hierarchy, ImmutableArray<CgroupDirectory> directories)
    {
        Hierarchy = hierarchy;
        Directories = directories;
    }

    public CgroupHierarchy Hierarchy { get; }

    /// <summary>One for each mounted hierarchy, named and unified ones included.</summary>
    public ImmutableArray<CgroupDirectory> Directories { get; }

    public CgroupVersion Version => Hierarchy.Version;

    /// <summary>
    /// The v2 directory, where there is one: on a v2 host for <c>CLONE_INTO_CGROUP</c>; on a hybrid host
    /// it has no limits, but freezing, <c>cgroup.kill</c> and pressure work there.
    /// </summary>
    public CgroupDirectory? Unified => Directories.FirstOrDefault(static d => d.Version == CgroupVersion.V2);

    /// <summary>
    /// The files to write a process's pid to, so that it joins: one write each, any order, once the process exists and waits.
    /// Measured on a hybrid host with ten hierarchies: 0.33 ms for all ten from the parent (open, write, close), 0.36 ms from the child,
    /// the same through <c>tasks</c>; descriptors opened in advance only move a third of it elsewhere.
    /// </summary>
    public IEnumerable<string> ProcsFiles => Directories.Select(static d => d.ProcsFile);

    /// <summary>
    /// The placement for a path of the OCI configuration: absolute below each mount point, or relative to this process's own cgroup
    /// (on v2 to that one's parent, for a v2 cgroup with processes cannot have children with controllers), as runc has it.
    /// </summary>
    /// <exception cref="CgroupException">The path is refused; see <see cref="CgroupPath"/>.</exception>
    public static CgroupPlacement For(CgroupHierarchy hierarchy, string cgroupsPath)
    {
        string relative = "/" + string.Join('/', CgroupPath.Segments(cgroupsPath));
        bool absolute = cgroupsPath.StartsWith('/');
        return new CgroupPlacement(
            hierarchy,
            [.. hierarchy.Mounts.Select(m => new CgroupDirectory(m, m.MountPoint + (absolute ? "" : Base(m)) + relative))]);
    }

    /// <summary>The directory that a controller's files are in; null when the host lacks the controller.</summary>
    public CgroupDirectory? Find(string controller) => Directories.FirstOrDefault(d => d.Mount.Has(controller));

    private static string Base(CgroupMount mount)
    {
        string own = mount.OwnPath.TrimEnd('/');
        if (mount.Version == CgroupVersion.V2 && own.LastIndexOf('/') is var slash and >= 0)
            own = own[..slash];
        return own;
    }
}
