using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

/// <summary>Where the stages of a launch begin.</summary>
public sealed class LaunchStageTests
{
    private static readonly SandboxNamespaces Sandbox = new() { PodId = "pod", PinDirectory = "/run/ns", Host = HostFacts.Complete, Network = true, Ipc = true, Uts = true, Hostname = "pod" };

    [Fact]
    public void A_timed_container_has_its_stages_in_the_order_of_its_lifecycle()
    {
        LaunchPlan plan = TestPlans.Plan(options: static o => o with { Timed = true, StartGate = true });
        Assert.Equal(["Namespaces", "Mounts", "Pivot", "Confine"], Stages(plan));
        Assert.Equal(plan.IndexOf("begins=Namespaces"), plan.IndexOf("Child: ")); // the child's first step
        Assert.True(plan.IndexOf("Child: NewSession") < plan.IndexOf("begins=Mounts"));
        Assert.True(plan.IndexOf("begins=Mounts") <= plan.IndexOf("Child: MoveMount"));
        Assert.InRange(plan.IndexOf("Child: PivotRoot"), plan.IndexOf("begins=Pivot"), plan.IndexOf("begins=Confine") - 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_clock_is_looked_at_behind_the_filter_which_may_kill_for_it(bool noNewPrivileges)
    {
        LaunchPlan plan = TestPlans.Plan(
            s => s.WithProcess(p => p with { NoNewPrivileges = noNewPrivileges }).WithLinux(l => l with { Seccomp = new Seccomp { DefaultAction = "SCMP_ACT_ALLOW" } }),
            static o => o with { Timed = true, StartGate = true });
        Assert.True(plan.IndexOf("begins=Confine") < plan.IndexOf("Child: LoadSeccomp"));
    }

    [Fact]
    public void Hooks_are_a_stage_of_their_own_where_there_are_any()
    {
        LaunchPlan plan = TestPlans.Plan(
            static s => s with { Hooks = new Hooks { CreateContainer = [new Hook { Path = "/bin/hook" }] } },
            static o => o with { Timed = true, Bundle = "/bundle" });
        Assert.Equal(["Namespaces", "Mounts", "Hooks", "Pivot", "Confine"], Stages(plan));
        Assert.Equal(plan.IndexOf("Child: RunHook"), plan.IndexOf("begins=Hooks"));
    }

    [Fact]
    public void With_a_user_namespace_mounts_are_prepared_on_the_host_first()
    {
        LaunchPlan plan = TestPlans.Plan(
            static s => s.WithLinux(static l => l with
            {
                Namespaces = [.. l.Namespaces, new LinuxNamespace { Type = LinuxNamespaceType.User, Path = "/ns/user" }],
                UidMappings = [new() { HostId = 100_000, Size = 65_536 }],
                GidMappings = [new() { HostId = 100_000, Size = 65_536 }],
            }),
            static o => o with { Timed = true });
        Assert.Equal(["Namespaces", "Mounts", "Namespaces", "Mounts", "Pivot", "Confine"], Stages(plan));
        string[] lines = plan.Lines();
        int inside = Array.FindLastIndex(lines, static line => line.Contains("begins=Namespaces", StringComparison.Ordinal));
        Assert.InRange(plan.IndexOf("Child: JoinNamespace"), inside, Array.FindLastIndex(lines, static line => line.Contains("begins=Mounts", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false, new[] { "Namespaces", "Mounts" })]
    [InlineData(true, new[] { "Namespaces", "Mounts", "Pivot", "Confine" })]
    public void A_timed_sandbox_has_the_pins_of_its_namespaces_for_mounts(bool pid, string[] stages)
    {
        LaunchPlan plan = SandboxPlanner.PlanSandbox(Sandbox with { Pid = pid, Timed = true });
        Assert.Equal(stages, Stages(plan));
        Assert.Equal(plan.IndexOf("Child: AskParent"), plan.IndexOf("begins=Mounts"));
    }

    [Fact]
    public void A_further_process_enters_the_container_and_is_confined()
    {
        ExecTarget target = new() { ContainerId = "c", Pid = 7, Namespaces = [new() { Type = LinuxNamespaceType.Mount }], Host = HostFacts.Complete, Seccomp = new() { DefaultAction = "SCMP_ACT_ALLOW" } };
        Process process = new() { Args = ["/bin/date"], Cwd = "/", Terminal = true };
        LaunchPlan plan = ExecPlanner.PlanExec(process, target with { Timed = true });
        Assert.Equal(["Namespaces", "Confine"], Stages(plan));
        Assert.Equal(plan.IndexOf("begins=Namespaces"), plan.IndexOf("Child: ")); // the child's first step
        Assert.InRange(plan.IndexOf("begins=Confine"), plan.IndexOf("Child: JoinNamespace") + 1, plan.IndexOf("Child: LoadSeccomp") - 1);
        Assert.Empty(Stages(ExecPlanner.PlanExec(process, target)));
    }

    [Fact]
    public void A_timed_plan_is_otherwise_the_plan_that_it_would_be_so_that_a_monitor_which_knows_no_stages_can_carry_it_out()
    {
        string[] timed = TestPlans.Plan(options: static o => o with { Timed = true, StartGate = true }).Lines();
        string[] untimed = TestPlans.Plan(options: static o => o with { StartGate = true }).Lines();
        Assert.Contains("Timed", timed[0], StringComparison.Ordinal);
        Assert.Equal(untimed[1..], timed[1..].Select(static line => line.Split(" begins=") is [string step, string stage] ? step + stage[stage.TakeWhile(char.IsLetter).Count()..] : line));
    }

    [Fact]
    public void A_plan_that_is_not_timed_has_no_stages()
    {
        Assert.Empty(Stages(TestPlans.Plan(options: static o => o with { StartGate = true })));
        Assert.Empty(Stages(SandboxPlanner.PlanSandbox(Sandbox with { Pid = true })));
        Assert.DoesNotContain("Timed", TestPlans.Plan().Lines()[0], StringComparison.Ordinal);
    }

    private static string[] Stages(LaunchPlan plan) =>
        [.. plan.Lines().Where(static line => line.Contains("begins=", StringComparison.Ordinal)).Select(static line => line.Split("begins=")[1].Split(' ')[0])];
}
