using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Monitors;

/// <summary>The cgroup that holds all monitors, apart from the daemon's own, which ends with its service.</summary>
internal static class MonitorCgroup
{
    /// <summary>Makes the cgroup in each hierarchy.</summary>
    /// <returns>The files through which a monitor joins it; none when the path is empty.</returns>
    public static IReadOnlyList<string> Prepare(string path)
    {
        if (path.Length == 0)
            return [];
        List<string> procs = [];
        foreach (CgroupDirectory directory in CgroupPlacement.For(CgroupHierarchy.Detect(), path).Directories)
        {
            // A new v1 cpuset has no CPUs and takes no process; monitors stay in the daemon's.
            if (directory.Version == CgroupVersion.V1 && directory.Mount.Has("cpuset"))
                continue;
            Directory.CreateDirectory(directory.Path);
            procs.Add(directory.ProcsFile);
        }

        return procs;
    }
}
