using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class IntelRdtTests
{
    [Fact]
    public void A_class_is_joined_while_the_host_is_in_reach_and_by_further_processes_too()
    {
        IntelRdt rdt = new() { ClosId = "gold" };
        LaunchPlan plan = Plan(rdt);
        Assert.True(plan.IndexOf("Child: WriteFile", "/sys/fs/resctrl/gold/tasks") < plan.IndexOf("AwaitParent"));
        ExecTarget target = new() { ContainerId = "web", Pid = 42, Namespaces = [], Host = HostFacts.Complete, IntelRdt = rdt };
        LaunchPlan exec = ExecPlanner.PlanExec(new Process { Args = ["/bin/date"], Cwd = "/" }, target);
        Assert.True(exec.IndexOf("Child: WriteFile", "/sys/fs/resctrl/gold/tasks") < exec.IndexOf("AwaitParent"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../../kernel")]
    [InlineData("a/b")]
    [InlineData("info")]
    public void A_name_that_is_no_class_is_refused(string closId) =>
        Assert.Equal("linux.intelRdt.closID", Assert.Throws<SpecException>(() => Plan(new IntelRdt { ClosId = closId })).Field);

    [Fact]
    public void Schemata_without_a_name_make_a_class_of_the_containers_own_that_goes_with_a_failed_launch()
    {
        LaunchPlan plan = Plan(new IntelRdt { L3CacheSchema = "L3:0=f\nMB:0=10", MemBwSchema = "MB:0=50", Schemata = ["L2:0=3"] });
        int made = plan.IndexOf("Before: MakeDirectory", "/sys/fs/resctrl/web");
        int written = plan.IndexOf("Before: WriteFile", "/sys/fs/resctrl/web/schemata");
        Assert.True(made < written);
        Assert.True(written < plan.IndexOf("Child: WriteFile", "/sys/fs/resctrl/web/tasks"));
        plan.IndexOf("Undo: RemoveDirectory", "/sys/fs/resctrl/web");
        ResctrlGroup group = ResctrlGroup.Of(new IntelRdt { L3CacheSchema = "L3:0=f\nMB:0=10", MemBwSchema = "MB:0=50", Schemata = ["L2:0=3"] }, "web")!;
        Assert.Equal(("L3:0=f\nMB:0=50\nL2:0=3\n", "/sys/fs/resctrl/web"), (group.Schemata, Assert.Single(group.Own)));
    }

    [Fact]
    public void A_named_class_gets_its_schemata_and_stays_whatever_comes()
    {
        LaunchPlan plan = Plan(new IntelRdt { ClosId = "gold", Schemata = ["L3:0=f"] });
        Assert.True(plan.IndexOf("Before: MakeDirectory", "/sys/fs/resctrl/gold") < plan.IndexOf("Before: WriteFile", "/sys/fs/resctrl/gold/schemata"));
        Assert.DoesNotContain(plan.Lines(), line => line.Contains("Undo", StringComparison.Ordinal) && line.Contains("resctrl", StringComparison.Ordinal));
    }

    [Fact]
    public void A_monitoring_group_is_made_in_the_class_and_joined_after_it_and_by_further_processes()
    {
        IntelRdt rdt = new() { ClosId = "gold", EnableMonitoring = true };
        LaunchPlan plan = Plan(rdt);
        Assert.DoesNotContain(plan.Lines(), line => line.Contains("schemata", StringComparison.Ordinal));
        plan.IndexOf("Before: MakeDirectory", "/sys/fs/resctrl/gold/mon_groups/web");
        plan.IndexOf("Undo: RemoveDirectory", "/sys/fs/resctrl/gold/mon_groups/web");
        Assert.True(plan.IndexOf("Child: WriteFile", "/sys/fs/resctrl/gold/tasks") < plan.IndexOf("Child: WriteFile", "/sys/fs/resctrl/gold/mon_groups/web/tasks"));
        ExecTarget target = new() { ContainerId = "web", Pid = 42, Namespaces = [], Host = HostFacts.Complete, IntelRdt = rdt };
        LaunchPlan exec = ExecPlanner.PlanExec(new Process { Args = ["/bin/date"], Cwd = "/" }, target);
        exec.IndexOf("Child: WriteFile", "/sys/fs/resctrl/gold/mon_groups/web/tasks");
        Assert.DoesNotContain(exec.Lines(), line => line.Contains("MakeDirectory", StringComparison.Ordinal));
        Plan(new IntelRdt { EnableMonitoring = true }).IndexOf("Before: MakeDirectory", "/sys/fs/resctrl/mon_groups/web");
    }

    [Fact]
    public void The_roots_class_is_the_directory_itself() => Plan(new IntelRdt { ClosId = "/" }).IndexOf("Child: WriteFile", "/sys/fs/resctrl/tasks");

    private static IntelRdt[] Refused =>
    [
        new() { ClosId = "/", Schemata = ["L3:0=f"] },
        new() { ClosId = "a", EnableCmt = true },
        new() { ClosId = "a", Schemata = ["nonsense"] },
        new() { ClosId = "a", Schemata = ["L3:0=f\nMB:0=10"] },
        new() { ClosId = "a", Schemata = ["L3:0=f\0"] },
        new() { ClosId = "a", L3CacheSchema = "L3:0=f\0" },
        new() { Schemata = [.. Enumerable.Repeat("L3:0=fffff", 400)] },
        new() { ClosId = "../gold", Schemata = ["L3:0=f"] },
        new(),
    ];

    [Fact]
    public void What_would_reach_others_or_cannot_be_is_refused() => Assert.All(
        Refused, rdt => Assert.StartsWith("linux.intelRdt", Assert.Throws<SpecException>(() => Plan(rdt)).Field, StringComparison.Ordinal));

    [Fact]
    public void What_would_be_ignored_is_refused_by_its_field()
    {
        SpecException devices = Assert.Throws<SpecException>(() => TestPlans.Plan(spec => spec.WithLinux(linux => linux with
        {
            NetDevices = new Dictionary<string, LinuxNetDevice> { ["eth7"] = new() },
        })));
        Assert.Equal("linux.netDevices", devices.Field);
        Process process = new() { Args = ["/bin/date"], Cwd = "/", ExecCpuAffinity = new CpuAffinity { Initial = "0" } };
        ExecTarget target = new() { ContainerId = "web", Pid = 42, Namespaces = [], Host = HostFacts.Complete };
        Assert.Equal("process.execCPUAffinity", Assert.Throws<SpecException>(() => ExecPlanner.PlanExec(process, target)).Field);
    }

    private static LaunchPlan Plan(IntelRdt rdt) => TestPlans.Plan(spec => spec.WithLinux(linux => linux with { IntelRdt = rdt }));
}
