using CriRuntime.Oci.Cgroups;

namespace CriRuntime.Oci.Tests.Cgroups;

/// <summary>Hosts as their /proc describes them.</summary>
internal static class Hosts
{
    private const string Controllers = "cpuset cpu io memory hugetlb pids rdma misc\n";

    internal static readonly CgroupHierarchy Unified = CgroupHierarchy.Parse(
        """
        22 1 0:20 / / rw - ext4 /dev/sda rw
        30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
        """,
        "0::/system.slice/criruntime.service\n",
        _ => Controllers);

    internal static readonly CgroupHierarchy Hybrid = CgroupHierarchy.Parse(
        """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
        37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
        38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        42 31 0:32 / /other/memory rw,relatime - cgroup cgroup rw,memory
        """,
        """
        9:name=systemd:/
        8:pids:/
        7:blkio:/
        6:freezer:/
        5:devices:/
        4:memory:/process_api/x
        3:cpuset:/
        1:cpu,cpuacct:/own
        0::/
        """,
        _ => "hugetlb\n");

    internal static CgroupSetup Plan(CgroupHierarchy host, CriRuntime.Oci.Specs.LinuxResources resources, string path = "/kubepods/pod1/c1") =>
        CgroupPlanner.Plan(CgroupPlacement.For(host, path), resources);

    /// <summary><c>file=value</c> of the writes to the container's own directories, device rules left out.</summary>
    internal static string[] Settings(CgroupSetup setup) =>
        [.. setup.Steps.OfType<CgroupStep.WriteFile>()
            .Where(static w => w.Path.Contains("/c1/", StringComparison.Ordinal) && !w.Path.Contains("devices.", StringComparison.Ordinal))
            .Select(static w => $"{Path.GetFileName(w.Path)}={w.Value}{(w.Optional ? "?" : "")}")];
}
