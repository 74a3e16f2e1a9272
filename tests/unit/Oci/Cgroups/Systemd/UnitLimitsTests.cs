using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Cgroups.Systemd;

public sealed class UnitLimitsTests
{
    [Fact]
    public void A_container_s_limits_become_properties_of_its_unit()
    {
        CgroupPlacement placement = CgroupPlacement.For(Hosts.Unified, "/a.slice/c.scope");
        LinuxResources resources = new()
        {
            Cpu = new CpuResources { Shares = 1024, Quota = 50_000, Period = 100_000, Cpus = "0-1,9" },
            Memory = new MemoryResources { Limit = 64 << 20, Swap = 64 << 20, Reservation = 32 << 20 },
            Pids = new PidsResources { Limit = 23 },
        };

        IReadOnlyList<UnitProperty> properties = UnitLimits.From(CgroupPlanner.PlanUpdate(placement, resources), 252);

        Assert.Equal(500_000ul, Number(properties, "CPUQuotaPerSecUSec"));
        Assert.Equal(100_000ul, Number(properties, "CPUQuotaPeriodUSec"));
        Assert.Equal(64ul << 20, Number(properties, "MemoryMax"));
        Assert.Equal(0ul, Number(properties, "MemorySwapMax"));
        Assert.Equal(32ul << 20, Number(properties, "MemoryLow"));
        Assert.Equal(23ul, Number(properties, "TasksMax"));
        Assert.Contains(new UnitProperty.Mask("AllowedCPUs", [0b0000_0011, 0b0000_0010]), properties);
        Assert.InRange(Number(properties, "CPUWeight"), 30ul, 110ul);
    }

    [Theory]
    [InlineData("memory.high", "1000", "MemoryHigh", 1000)]
    [InlineData("memory.max", "max", "MemoryMax", ulong.MaxValue)]
    [InlineData("memory.min", "0", "MemoryMin", 0)]
    [InlineData("cpu.weight", "42", "CPUWeight", 42)]
    [InlineData("io.weight", "default 50", "IOWeight", 50)]
    [InlineData("pids.max", "0", "TasksMax", 1)]
    public void A_file_s_value_is_the_property_s(string file, string value, string property, ulong number) =>
        Assert.Equal([new UnitProperty.Number(property, number)], From((file, value)));

    [Theory]
    [InlineData("hugetlb.2MB.max", "0")]
    [InlineData("io.max", "8:0 rbps=1")]
    [InlineData("io.weight", "8:0 50")]
    [InlineData("memory.oom.group", "1")]
    [InlineData("cpu.max.burst", "5")]
    public void Files_that_systemd_does_not_know_are_left_to_themselves(string file, string value) => Assert.Empty(From((file, value)));

    [Fact]
    public void The_last_of_two_values_counts() =>
        Assert.Equal([new UnitProperty.Number("MemoryMax", 2)], From(("memory.max", "1"), ("memory.max", "2")));

    [Theory]
    [InlineData("33333 100000", 340_000, 100_000)]
    [InlineData("1000 1000000", 10_000, 1_000_000)]
    [InlineData("200000 100000", 2_000_000, 100_000)]
    [InlineData("max 50000", ulong.MaxValue, 50_000)]
    [InlineData("50000", 500_000, 100_000)]
    public void A_quota_is_rounded_up_to_what_systemd_can_keep(string value, ulong perSecond, ulong period) =>
        Assert.Equal([new UnitProperty.Number("CPUQuotaPerSecUSec", perSecond), new UnitProperty.Number("CPUQuotaPeriodUSec", period)], From(("cpu.max", value)));

    [Fact]
    public void Idle_is_a_weight_of_0_for_a_systemd_that_knows_it()
    {
        Assert.Equal([new UnitProperty.Number("CPUWeight", 0)], From(("cpu.idle", "1"), ("cpu.weight", "7")));
        Assert.Equal([new UnitProperty.Number("CPUWeight", 7)], UnitLimits.From(Writes([("cpu.idle", "1"), ("cpu.weight", "7")]), 249));
    }

    [Fact]
    public void Killing_a_group_at_once_is_a_policy_of_a_scope_from_253_on()
    {
        CgroupStep.WriteFile[] writes = [.. Writes([("memory.oom.group", "1")])];

        Assert.Equal([new UnitProperty.Text("OOMPolicy", "kill")], UnitLimits.AtStart(writes, 253));
        Assert.Empty(UnitLimits.AtStart(writes, 252));
    }

    [Fact]
    public void An_empty_cpuset_is_no_restriction() => Assert.Equal([new UnitProperty.Mask("AllowedCPUs", [])], From(("cpuset.cpus", "\n")));

    [Theory]
    [InlineData("memory.max", "much")]
    [InlineData("memory.max", "-1")]
    [InlineData("cpu.max", "1 0")]
    [InlineData("cpu.max", "a b")]
    [InlineData("cpuset.cpus", "3-1")]
    [InlineData("cpuset.cpus", "0-4000000000")]
    [InlineData("cpuset.cpus", "a")]
    public void Nonsense_is_refused(string file, string value) => Assert.Throws<CgroupException>(() => From((file, value)));

    [Fact]
    public void Only_scopes_and_slices_are_units()
    {
        Assert.Equal("x.scope", TransientUnits.UnitOf("/a.slice/x.scope"));
        Assert.Equal("memory.slice", TransientUnits.UnitOf("/_memory.slice"));
        Assert.Null(TransientUnits.UnitOf("/kubepods/pod1/c1"));
    }

    [Fact]
    public void A_scope_has_no_limit_of_tasks_that_nobody_asked_for()
    {
        Assert.Contains(new UnitProperty.Number("TasksMax", ulong.MaxValue), TransientUnits.Scope("a.slice", "x", 7, []));
        UnitProperty five = new UnitProperty.Number("TasksMax", 5);
        Assert.Equal([five], TransientUnits.Scope("a.slice", "x", 7, [five]).Where(p => p.Name == "TasksMax"));
    }

    private static IReadOnlyList<UnitProperty> From(params (string File, string Value)[] files) => UnitLimits.From(Writes(files), 252);

    private static IEnumerable<CgroupStep.WriteFile> Writes((string File, string Value)[] files) =>
        files.Select(file => new CgroupStep.WriteFile("/sys/fs/cgroup/x/" + file.File, file.Value));

    private static ulong Number(IReadOnlyList<UnitProperty> properties, string name) =>
        Assert.IsType<UnitProperty.Number>(Assert.Single(properties, p => p.Name == name)).Value;
}
