using CriRuntime.Oci.Cgroups;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class CgroupHierarchyTests
{
    [Fact]
    public void A_unified_host_is_version_2_with_the_controllers_of_its_root()
    {
        Assert.Equal(CgroupVersion.V2, Hosts.Unified.Version);
        Assert.Equal("/sys/fs/cgroup", Hosts.Unified.Find("memory")!.MountPoint);
        Assert.Equal("/system.slice/criruntime.service", Hosts.Unified.Unified!.OwnPath);
        Assert.Null(Hosts.Unified.Find("blkio"));
    }

    [Fact]
    public void On_a_hybrid_host_each_controller_belongs_to_the_hierarchy_that_has_it()
    {
        Assert.Equal(CgroupVersion.V1, Hosts.Hybrid.Version);
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", Hosts.Hybrid.Find("cpuacct")!.MountPoint);
        Assert.Equal(CgroupVersion.V2, Hosts.Hybrid.Find("hugetlb")!.Version);
    }

    [Fact]
    public void A_second_mount_of_a_hierarchy_is_not_another_hierarchy() =>
        Assert.Single(Hosts.Hybrid.Mounts, static m => m.Has("memory"));

    [Fact]
    public void In_a_container_paths_are_relative_to_the_mount()
    {
        CgroupHierarchy host = CgroupHierarchy.Parse(
            "30 22 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/docker/abc/inner\n", _ => "cpu");

        Assert.Equal("/inner", host.Unified!.OwnPath);
    }

    [Fact]
    public void A_host_without_cgroups_is_told_to_mount_them()
    {
        var e = Assert.Throws<CgroupException>(() => CgroupHierarchy.Parse("22 1 0:20 / / rw - ext4 /dev/sda rw\n", "", _ => ""));

        Assert.Contains("mount cgroup2 on /sys/fs/cgroup", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_host_is_detected_once() => Assert.Same(CgroupHierarchy.Detect(), CgroupHierarchy.Detect());
}
