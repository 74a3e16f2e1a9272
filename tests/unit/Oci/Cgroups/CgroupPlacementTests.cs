using CriRuntime.Oci.Cgroups;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class CgroupPlacementTests
{
    [Fact]
    public void An_absolute_path_is_below_every_mount_point()
    {
        CgroupPlacement placement = CgroupPlacement.For(Hosts.Hybrid, "/kubepods/pod1/c1");

        Assert.Equal(9, placement.Directories.Length);
        Assert.Equal("/sys/fs/cgroup/memory/kubepods/pod1/c1", placement.Find("memory")!.Path);
        Assert.Equal("/sys/fs/cgroup/unified/kubepods/pod1/c1", placement.Unified!.Path);
        Assert.Contains("/sys/fs/cgroup/systemd/kubepods/pod1/c1/cgroup.procs", placement.ProcsFiles);
    }

    [Fact]
    public void A_relative_path_is_below_this_process_on_v1_and_beside_it_on_v2()
    {
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct/own/c1", CgroupPlacement.For(Hosts.Hybrid, "c1").Find("cpu")!.Path);
        Assert.Equal("/sys/fs/cgroup/system.slice/c1", CgroupPlacement.For(Hosts.Unified, "c1").Unified!.Path);
    }

    [Fact]
    public void Ancestors_are_named_from_the_top() =>
        Assert.Equal(
            ["/sys/fs/cgroup/kubepods", "/sys/fs/cgroup/kubepods/pod1"],
            CgroupPlacement.For(Hosts.Unified, "//kubepods/pod1/c1/").Unified!.Ancestors());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/kubepods/../../etc")]
    [InlineData("..")]
    [InlineData("/a/./b")]
    [InlineData("/a\0b")]
    [InlineData("/a\nb")]
    [InlineData("system.slice:cri:c1")]
    public void A_path_that_leads_elsewhere_is_refused(string path)
    {
        var e = Assert.Throws<CgroupException>(() => CgroupPlacement.For(Hosts.Hybrid, path));

        Assert.StartsWith("linux.cgroupsPath ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Huge_names_and_paths_are_refused_without_repeating_them()
    {
        foreach (string path in new[] { "/" + new string('x', 256), string.Concat(Enumerable.Repeat("/0123456789", 400)) })
            Assert.True(Assert.Throws<CgroupException>(() => CgroupPlacement.For(Hosts.Unified, path)).Message.Length < 200);
    }
}
