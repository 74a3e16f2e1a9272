using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

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

    private static ExecTarget Target(string[] namespaces) => new()
    {
        ContainerId = "web",
        Pid = 42,
        StartTime = 99,
        Namespaces = [.. namespaces.Select(static type => new LinuxNamespace { Type = type })],
        Host = HostFacts.Complete,
    };
}
