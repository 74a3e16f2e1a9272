using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Tests.Cgroups;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class ExecPlannerTests
{
    [Fact]
    public void Everything_is_joined_by_one_descriptor_of_the_first_process()
    {
        LaunchPlan plan = ExecPlanner.PlanExec(new Process { Args = ["/bin/date"], Cwd = "/" }, Target(["mount", "pid", "network"]));
        plan.IndexOf("Before: OpenPidFd", "number=0x2a", "value=0x63");
        plan.IndexOf("Child: JoinNamespace", "number=0x40020000");
        Assert.True(plan.IndexOf("Child: SetDumpable") < plan.IndexOf("Child: JoinNamespace"));
    }

    [Fact]
    public void In_a_user_namespace_the_process_becomes_its_root_first()
    {
        LaunchPlan plan = ExecPlanner.PlanExec(new Process { Args = ["/bin/date"], Cwd = "/", User = new User { Uid = 9 } }, Target(["mount", "user"]));
        Assert.True(plan.IndexOf("Child: JoinNamespace", "number=0x10020000") < plan.IndexOf("Child: SetUserId"));
    }

    [Fact]
    public void A_terminal_is_made_in_the_container()
    {
        LaunchPlan plan = ExecPlanner.PlanExec(new Process { Args = ["/bin/sh"], Cwd = "/", Terminal = true }, Target(["mount"]));
        Assert.True(plan.IndexOf("Child: JoinNamespace") < plan.IndexOf("Child: OpenTerminal"));
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains("dev/console", StringComparison.Ordinal));
    }

    [Fact]
    public void On_v1_the_process_joins_by_its_own_hand_while_it_sees_the_hosts_files()
    {
        LaunchPlan plan = Exec(Hosts.Hybrid, "7");
        int join = plan.IndexOf("Child: WriteFile", "/sys/fs/cgroup/pids/pod1/web/tasks", "blob=\"0\"");
        Assert.True(plan.IndexOf("Child: SetDumpable") < join && join < plan.IndexOf("Child: JoinNamespace"));
        plan.IndexOf("Before: OpenPath", "\"/sys/fs/cgroup/unified/pod1/web\"");
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains("exec-7", StringComparison.Ordinal));
    }

    [Fact]
    public void On_v2_the_process_is_born_in_a_cgroup_of_its_own_that_goes_when_the_launch_fails()
    {
        LaunchPlan plan = Exec(Hosts.Unified, "7");
        Assert.True(plan.IndexOf("Before: MakeDirectory", "/sys/fs/cgroup/pod1/web/exec-7") < plan.IndexOf("Before: OpenPath", "/sys/fs/cgroup/pod1/web/exec-7"));
        plan.IndexOf("Undo: RemoveDirectory", "/sys/fs/cgroup/pod1/web/exec-7");
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains("subtree_control", StringComparison.Ordinal)); // or its processes would be refused
        Assert.DoesNotContain(plan.Lines(), static l => l.StartsWith("Child: WriteFile", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_name_the_process_is_born_in_the_containers_cgroup() =>
        Exec(Hosts.Unified, null).IndexOf("Before: OpenPath", "\"/sys/fs/cgroup/pod1/web\"");

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void A_name_that_could_lead_elsewhere_is_refused(string name) =>
        Assert.Throws<CgroupException>(() => Exec(Hosts.Unified, name));

    private static LaunchPlan Exec(CgroupHierarchy host, string? name) => ExecPlanner.PlanExec(
        new Process { Args = ["/bin/date"], Cwd = "/" },
        Target(["mount"]) with { Cgroup = CgroupPlacement.For(host, "/pod1/web"), ExecCgroup = name });

    private static ExecTarget Target(string[] namespaces) => new()
    {
        ContainerId = "web",
        Pid = 42,
        StartTime = 99,
        Namespaces = [.. namespaces.Select(static type => new LinuxNamespace { Type = type })],
        Host = HostFacts.Complete,
    };
}
