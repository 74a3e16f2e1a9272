namespace CriRuntime.Oci.Cgroups;

/// <summary>A container's cgroup in one hierarchy.</summary>
/// <param name="Mount">The hierarchy.</param>
/// <param name="Path">Absolute path of the directory.</param>
public sealed record CgroupDirectory(CgroupMount Mount, string Path)
{
    public CgroupVersion Version => Mount.Version;

    /// <summary>Writing a pid there moves the whole process here.</summary>
    public string ProcsFile => Path + "/cgroup.procs";

    /// <summary>The directories between the mount point and this one, both excluded, topmost first.</summary>
    public IEnumerable<string> Ancestors()
    {
        for (int i = Mount.MountPoint.Length + 1; (i = Path.IndexOf('/', i)) >= 0; i++)
            yield return Path[..i];
    }
}
