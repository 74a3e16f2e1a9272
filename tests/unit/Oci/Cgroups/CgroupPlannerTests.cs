using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class CgroupPlannerTests
{
    private static readonly LinuxResources Typical = new()
    {
        Cpu = new CpuResources { Shares = 1024, Quota = 50000, Period = 100000, Cpus = "0-1", Mems = "0" },
        Memory = new MemoryResources { Limit = 1 << 20, Swap = 3 << 20, Reservation = 4096 },
        Pids = new PidsResources { Limit = 100 },
        HugepageLimits = [new HugepageLimit { PageSize = "2MB", Limit = 0 }],
    };

    [Fact]
    public void On_v2_limits_are_written_by_their_v2_names() => Assert.Equal(
        [
            "cpuset.cpus=0-1", "cpuset.mems=0", "cpu.weight=100", "cpu.max=50000 100000",
            "memory.swap.max=2097152", "memory.max=1048576", "memory.low=4096", "pids.max=100",
            "hugetlb.2MB.max=0", "hugetlb.2MB.rsvd.max=0?",
        ],
        Hosts.Settings(Hosts.Plan(Hosts.Unified, Typical)));

    [Fact]
    public void On_a_hybrid_host_each_limit_goes_where_its_controller_is() => Assert.Equal(
        [
            "cpu.shares=1024", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000", "cpuset.cpus=0-1", "cpuset.mems=0",
            "memory.limit_in_bytes=1048576", "memory.memsw.limit_in_bytes=3145728", "memory.soft_limit_in_bytes=4096", "pids.max=100",
            "hugetlb.2MB.max=0", "hugetlb.2MB.rsvd.max=0?",
        ],
        Hosts.Settings(Hosts.Plan(Hosts.Hybrid, Typical)));

    [Fact]
    public void On_v2_every_ancestor_hands_on_the_needed_controllers_before_the_next_level_is_made()
    {
        CgroupStep[] steps = [.. Hosts.Plan(Hosts.Unified, new LinuxResources { Pids = new PidsResources { Limit = 5 } }).Steps.TakeWhile(static s => s is not CgroupStep.AttachDeviceProgram)];

        Assert.Equal(
            [
                new CgroupStep.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", "+pids"),
                new CgroupStep.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", "+cpuset +cpu +io +memory +hugetlb +rdma +misc", Optional: true),
                new CgroupStep.MakeDirectory("/sys/fs/cgroup/kubepods"),
                new CgroupStep.WriteFile("/sys/fs/cgroup/kubepods/cgroup.subtree_control", "+pids"),
                new CgroupStep.WriteFile("/sys/fs/cgroup/kubepods/cgroup.subtree_control", "+cpuset +cpu +io +memory +hugetlb +rdma +misc", Optional: true),
                new CgroupStep.MakeDirectory("/sys/fs/cgroup/kubepods/pod1"),
                new CgroupStep.WriteFile("/sys/fs/cgroup/kubepods/pod1/cgroup.subtree_control", "+pids"),
                new CgroupStep.WriteFile("/sys/fs/cgroup/kubepods/pod1/cgroup.subtree_control", "+cpuset +cpu +io +memory +hugetlb +rdma +misc", Optional: true),
                new CgroupStep.MakeDirectory("/sys/fs/cgroup/kubepods/pod1/c1"),
            ],
            steps);
    }

    [Fact]
    public void On_v1_cpusets_are_filled_from_the_top_before_limits_are_written()
    {
        string[] cpuset = [.. Hosts.Plan(Hosts.Hybrid, Typical).Steps.Where(static s => s.Path.StartsWith("/sys/fs/cgroup/cpuset/", StringComparison.Ordinal))
            .Select(static s => $"{s.GetType().Name} {s.Path["/sys/fs/cgroup/cpuset/".Length..]}")];

        Assert.Equal(
            [
                "MakeDirectory kubepods", "CopyIfEmpty kubepods/cpuset.cpus", "CopyIfEmpty kubepods/cpuset.mems",
                "MakeDirectory kubepods/pod1", "CopyIfEmpty kubepods/pod1/cpuset.cpus", "CopyIfEmpty kubepods/pod1/cpuset.mems",
                "MakeDirectory kubepods/pod1/c1", "CopyIfEmpty kubepods/pod1/c1/cpuset.cpus", "CopyIfEmpty kubepods/pod1/c1/cpuset.mems",
                "WriteFile kubepods/pod1/c1/cpuset.cpus", "WriteFile kubepods/pod1/c1/cpuset.mems",
            ],
            cpuset);
    }

    [Fact]
    public void Only_the_container_s_own_directories_are_undone() =>
        Assert.All(Hosts.Plan(Hosts.Hybrid, Typical).Undo, static d => Assert.EndsWith("/kubepods/pod1/c1", d, StringComparison.Ordinal));

    [Fact]
    public void A_limit_without_its_controller_is_refused_by_name()
    {
        CgroupHierarchy host = CgroupHierarchy.Parse("30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/\n", _ => "cpu memory");

        var e = Assert.Throws<CgroupException>(() => Hosts.Plan(host, new LinuxResources { Pids = new PidsResources { Limit = 5 } }));

        Assert.Equal("linux.resources.pids.limit is set, but this host has no pids cgroup controller (it has: cpu memory)", e.Message);
    }

    [Fact]
    public void Huge_page_limits_without_the_controller_are_a_warning_for_the_kubelet_always_sets_them()
    {
        CgroupHierarchy host = CgroupHierarchy.Parse("30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/\n", _ => "cpu cpuset memory pids");

        Assert.Contains("hugepageLimits is ignored", Assert.Single(Hosts.Plan(host, Typical).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Unified_files_come_last_and_line_by_line()
    {
        var resources = new LinuxResources
        {
            Memory = new MemoryResources { Limit = 4096 },
            Unified = new Dictionary<string, string> { ["memory.oom.group"] = "1", ["io.max"] = "8:0 rbps=1\n8:16 rbps=2\n" },
        };

        Assert.Equal(["memory.max=4096", "io.max=8:0 rbps=1", "io.max=8:16 rbps=2", "memory.oom.group=1"], Hosts.Settings(Hosts.Plan(Hosts.Unified, resources)));
    }

    [Theory]
    [InlineData("../../x.y")]
    [InlineData("memory")]
    [InlineData("")]
    [InlineData("nothere.max")]
    public void Unified_files_that_are_none_are_refused(string file) => Assert.Throws<CgroupException>(
        () => Hosts.Plan(Hosts.Unified, new LinuxResources { Unified = new Dictionary<string, string> { [file] = "1" } }));

    [Fact]
    public void An_idle_group_gets_no_weight() => Assert.Equal(
        ["cpu.idle=1"],
        Hosts.Settings(Hosts.Plan(Hosts.Unified, new LinuxResources { Cpu = new CpuResources { Idle = 1, Shares = 2 } })));

    [Fact]
    public void Unlimited_is_max_and_a_missing_swap_file_is_then_fine() => Assert.Equal(
        ["memory.swap.max=max?", "memory.max=max", "pids.max=max"],
        Hosts.Settings(Hosts.Plan(Hosts.Unified, new LinuxResources { Memory = new MemoryResources { Limit = -1 }, Pids = new PidsResources { Limit = -1 } })));

    [Fact]
    public void Block_io_is_written_per_device()
    {
        var resources = new LinuxResources
        {
            BlockIo = new BlockIoResources
            {
                Weight = 100,
                ThrottleReadBpsDevice = [new ThrottleDevice { Major = 8, Minor = 0, Rate = 1000 }],
                ThrottleWriteIopsDevice = [new ThrottleDevice { Major = 8, Minor = 16, Rate = 0 }],
            },
        };

        Assert.Equal(
            ["io.bfq.weight=100?", "io.weight=default 910?", "io.max=8:0 rbps=1000", "io.max=8:16 wiops=max"],
            Hosts.Settings(Hosts.Plan(Hosts.Unified, resources)));
        Assert.Equal(
            ["blkio.bfq.weight=100?", "blkio.throttle.read_bps_device=8:0 1000", "blkio.throttle.write_iops_device=8:16 0"],
            Hosts.Settings(Hosts.Plan(Hosts.Hybrid, resources)));
    }

    [Fact]
    public void Planning_is_pure() => Assert.Equal(Hosts.Plan(Hosts.Hybrid, Typical).Steps.AsEnumerable(), Hosts.Plan(Hosts.Hybrid, Typical).Steps);
}
