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
    public CgroupDirectory? Unified
    {
        get
        {
            foreach (CgroupDirectory directory in Directories)
            {
                if (directory.Version == CgroupVersion.V2)
                    return directory;
            }
            return null;
        }
    }

    /// <summary>
    /// The files to write a process's pid to, so that it joins: one write each, any order. For any process but one that is being
    /// born, which has cheaper ways (<see cref="CgroupDirectory.TasksFile"/>, CLONE_INTO_CGROUP).
    /// </summary>
    public IEnumerable<string> ProcsFiles
    {
        get
        {
            foreach (CgroupDirectory directory in Directories)
                yield return directory.ProcsFile;
        }
    }

    /// <summary>
    /// The placement for a path of the OCI configuration: absolute below each mount point, or relative to this process's own cgroup
    /// (on v2 to that one's parent, for a v2 cgroup with processes cannot have children with controllers), as runc has it.
    /// </summary>
    /// <exception cref="CgroupException">The path is refused; see <see cref="CgroupPath"/>.</exception>
    public static CgroupPlacement For(CgroupHierarchy hierarchy, string cgroupsPath)
    {
        string relative = "/" + string.Join('/', CgroupPath.Segments(cgroupsPath));
        bool absolute = cgroupsPath.StartsWith('/');
        ImmutableArray<CgroupDirectory>.Builder directories = ImmutableArray.CreateBuilder<CgroupDirectory>(hierarchy.Mounts.Length);
        foreach (CgroupMount mount in hierarchy.Mounts)
            directories.Add(new CgroupDirectory(mount, mount.MountPoint + (absolute ? "" : Base(mount)) + relative));
        return new CgroupPlacement(hierarchy, directories.MoveToImmutable());
    }

    /// <summary>
    /// The cgroup of one further process of the container: <c>exec-&lt;name&gt;</c> in the v2 directory. Null where there are v1 hierarchies:
    /// a process is in one directory of each, and only v2 kills by directory.
    /// </summary>
    /// <param name="name">Letters, digits, <c>_ . -</c>.</param>
    /// <exception cref="CgroupException">The name is refused.</exception>
    public CgroupDirectory? Exec(string name)
    {
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            throw new CgroupException($"\"{name}\" cannot name the cgroup of a process: only letters, digits and _ . - are allowed");
        return Version == CgroupVersion.V2 && Unified is { } unified ? unified with { Path = $"{unified.Path}/exec-{name}" } : null;
    }

    /// <summary>The directory that a controller's files are in; null when the host lacks the controller.</summary>
    public CgroupDirectory? Find(string controller)
    {
        foreach (CgroupDirectory directory in Directories)
        {
            if (directory.Mount.Has(controller))
                return directory;
        }
        return null;
    }

    private static string Base(CgroupMount mount)
    {
        string own = mount.OwnPath.TrimEnd('/');
        if (mount.Version == CgroupVersion.V2 && own.LastIndexOf('/') is var slash and >= 0)
            own = own[..slash];
        return own;
    }
}
