namespace CriRuntime.Oci.Cgroups;

/// <summary>A container's cgroup in one hierarchy.</summary>
/// <param name="Mount">The hierarchy.</param>
/// <param name="Path">Absolute path of the directory.</param>
public sealed record CgroupDirectory(CgroupMount Mount, string Path)
{
    public CgroupVersion Version => Mount.Version;

    /// <summary>Writing a pid there moves the whole process here.</summary>
    public string ProcsFile => Path + "/cgroup.procs";

    /// <summary>
    /// V1: a process of one thread that writes 0 there moves itself here. That needs no lock over all processes (Linux 5.18; the same effect, at cgroup.procs' price, before),
    /// whose first taking waits for a grace period of the kernel: 5 to 13 ms, measured, for a container whose other steps take three.
    /// </summary>
    public string TasksFile => Path + "/tasks";

    /// <summary>The directories between the mount point and this one, both excluded, topmost first.</summary>
    public IEnumerable<string> Ancestors()
    {
        for (int i = Mount.MountPoint.Length + 1; (i = Path.IndexOf('/', i)) >= 0; i++)
            yield return Path[..i];
    }
}
