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
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../../kernel")]
    [InlineData("a/b")]
    [InlineData("info")]
    public void A_name_that_is_no_class_is_refused(string closId) =>
        Assert.Equal("linux.intelRdt.closID", Assert.Throws<SpecException>(() => Plan(new IntelRdt { ClosId = closId })).Field);

    [Fact]
    public void What_would_be_ignored_is_refused_by_its_field()
    {
        foreach (IntelRdt rdt in (IntelRdt[])[new() { ClosId = "a", Schemata = ["L3:0=f"] }, new() { L3CacheSchema = "L3:0=f" }, new() { ClosId = "a", EnableMonitoring = true }])
            Assert.Equal("linux.intelRdt", Assert.Throws<SpecException>(() => Plan(rdt)).Field);
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
