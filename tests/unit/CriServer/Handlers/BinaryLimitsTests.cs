using CriRuntime.CriServer.Handlers;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Handlers;

public sealed class BinaryLimitsTests
{
    private const string Unified = "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    private const string Memory = "31 22 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
    private const string Hugetlb = "32 22 0:28 / /sys/fs/cgroup/hugetlb rw - cgroup cgroup rw,hugetlb\n";

    private static readonly LinuxResources s_kubelets = new()
    {
        HugepageLimits = [new HugepageLimit { PageSize = "2MB", Limit = 0 }],
        Pids = new PidsResources { Limit = 7 },
    };

    [Theory]
    [InlineData(Unified, "memory hugetlb", true)]
    [InlineData(Unified, "memory", false)]
    [InlineData(Memory + Hugetlb, "", true)]
    [InlineData(Memory, "", false)]
    [InlineData(Unified + Memory, "hugetlb", false)] // a hybrid host: binaries look in v1's hierarchies
    [InlineData(Unified + Memory + Hugetlb, "", true)]
    public void Huge_pages_are_limited_only_where_the_binary_finds_their_controller(string mounts, string unified, bool limited)
    {
        CgroupHierarchy host = CgroupHierarchy.Parse(mounts, "4:hugetlb:/\n3:memory:/\n0::/\n", _ => unified);
        LinuxResources limits = BinaryLimits.For(s_kubelets, host);
        Assert.Equal(limited, limits.HugepageLimits.Count == 1);
        Assert.Equal(7, limits.Pids!.Limit);
        Spec spec = new() { Linux = new LinuxSection { Resources = s_kubelets } };
        Assert.Equal(limited, BinaryLimits.For(spec, host).Linux!.Resources!.HugepageLimits.Count == 1);
    }
}
