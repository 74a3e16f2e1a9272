using CriRuntime.Oci.Planning;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class LaunchPlannerTests
{
    private const int Mount = 0x20000, Uts = 0x4000000, Ipc = 0x8000000, User = 0x10000000, Pid = 0x20000000, Net = 0x40000000;

    [Fact]
    public void All_new_namespaces_but_the_cgroup_one_come_with_the_clone()
    {
        LaunchPlan plan = TestPlans.Plan();
        Assert.Contains($"clone=0x{Mount | Uts | Ipc | Pid | Net:x}", plan.Lines()[0], StringComparison.Ordinal);
        plan.IndexOf("Unshare", "number=0x2000000");
    }

    [Fact]
    public void A_joined_namespace_is_opened_by_the_parent_and_entered_by_the_child()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "network", Path = "/ns/net" }] }));
        Assert.True(plan.IndexOf("Before: OpenPath", "/ns/net") < plan.IndexOf("Child: JoinNamespace", "number=0x40000000"));
    }

    [Fact]
    public void A_joined_pid_namespace_is_entered_by_birth_and_hides_the_child()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "pid", Path = "/ns/pid" }] }));
        Assert.DoesNotContain(plan.Lines(), static line => line.Contains("JoinNamespace", StringComparison.Ordinal));
        Assert.True(plan.IndexOf("Child: SetDumpable") < plan.IndexOf("Child: AwaitParent"));
    }

    [Fact]
    public void With_a_joined_user_namespace_the_new_ones_are_made_inside_it_and_the_pid_namespace_by_a_second_fork()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "pid" }, new() { Type = "user", Path = "/ns/user" }] }));
        Assert.Contains("clone=0x20000", plan.Lines()[0], StringComparison.Ordinal);
        Assert.Contains("ForksAgain", plan.Lines()[0], StringComparison.Ordinal);
        int join = plan.IndexOf("JoinNamespace", "number=0x10000000");
        int unshare = plan.IndexOf("Unshare", "number=0x20000");
        Assert.True(join < unshare && unshare < plan.IndexOf("ForkAgain", "value=0x20000000"));
    }

    [Fact]
    public void A_new_user_namespace_beside_joined_ones_comes_after_them()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithLinux(static l => l with
        {
            Namespaces = [new() { Type = "mount" }, new() { Type = "network", Path = "/ns/net" }, new() { Type = "user" }],
            UidMappings = [new() { HostId = 1000, Size = 10 }],
            GidMappings = [new() { HostId = 2000, Size = 10 }],
        }));
        int join = plan.IndexOf("Child: JoinNamespace");
        int unshare = plan.IndexOf("Child: Unshare", $"number=0x{User:x}");
        Assert.True(join < unshare && unshare < plan.IndexOf("Child: AskParent"));
        plan.IndexOf("Stage1: WriteFile", "uid_map", "0 1000 10\\n");
    }

    [Fact]
    public void Rights_are_given_up_in_an_order_that_lets_each_step_succeed()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithProcess(static p => p with { User = new User { Uid = 5, Gid = 6 } }));
        string[] order = ["PivotRoot", "SetHostname", "SetRlimit", "SetNoNewPrivileges", "LimitBoundingSet", "KeepCapabilities", "SetGroups", "SetGroupId", "SetUserId", "ChangeDirectory", "SetCapabilities", "SetAmbientSet", "Exec"];
        int[] places = [.. order.Select(step => plan.IndexOf("Child: " + step))];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void A_filter_comes_before_the_capabilities_are_dropped_unless_no_new_privileges_is_set()
    {
        Seccomp seccomp = new() { DefaultAction = "SCMP_ACT_ALLOW" };
        LaunchPlan late = TestPlans.Plan(s => s.WithLinux(l => l with { Seccomp = seccomp }), WithFilter);
        LaunchPlan early = TestPlans.Plan(s => s.WithLinux(l => l with { Seccomp = seccomp }).WithProcess(static p => p with { NoNewPrivileges = false }), WithFilter);
        Assert.True(late.IndexOf("LoadSeccomp") > late.IndexOf("SetCapabilities"));
        Assert.True(early.IndexOf("LoadSeccomp") < early.IndexOf("LimitBoundingSet"));
    }

    [Fact]
    public void A_gate_stands_right_before_the_program()
    {
        string[] lines = TestPlans.Plan(options: static o => o with { StartGate = true }).Lines();
        int gate = Array.FindIndex(lines, static l => l.Contains("StopAtGate", StringComparison.Ordinal));
        Assert.Contains("Child: Exec", lines[gate + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_fifo_is_made_before_the_clone_and_removed_when_the_launch_fails()
    {
        LaunchPlan plan = TestPlans.Plan(options: static o => o with { StartGate = true, GateFifo = "/state/exec.fifo" });
        Assert.True(plan.IndexOf("Before: MakeFifo", "/state/exec.fifo") < plan.IndexOf("Before: OpenPath", "/state/exec.fifo"));
        plan.IndexOf("Undo: RemoveFile", "/state/exec.fifo");
    }

    [Fact]
    public void The_program_is_looked_up_in_each_directory_of_PATH()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithProcess(static p => p with { Args = ["server", "-v"], Env = ["PATH=/a:/b/"] }));
        plan.IndexOf("Exec [ /a/server /b/server | server -v | PATH=/a:/b/ ]");
    }

    [Fact]
    public void Bytes_of_the_environment_and_the_arguments_that_are_not_UTF_8_are_in_the_plan_as_they_were()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithProcess(static p => p with { Args = ["/bin/a", "x\uDCFF"], Env = ["NAME=\uDC80y"] }));
        string bytes = Convert.ToHexString(plan.Bytes.Span);
        Assert.Contains("4E414D453D807900", bytes, StringComparison.Ordinal); // NAME=\x80y\0
        Assert.Contains("0078FF00", bytes, StringComparison.Ordinal); // \0x\xff\0
    }

    [Fact]
    public void What_the_host_cannot_give_is_a_warning()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s, static o => o with { Host = HostFacts.Complete with { Capabilities = 0x20 } });
        Assert.Contains(plan.Warnings, static w => w.Contains("CAP_AUDIT_WRITE", StringComparison.Ordinal) && w.Contains("CAP_NET_BIND_SERVICE", StringComparison.Ordinal));
        plan.IndexOf("SetRlimit", "(Tolerated)"); // without CAP_SYS_RESOURCE
    }

    [Fact]
    public void Hooks_run_where_the_specification_says()
    {
        Hook hook(string name) => new() { Path = "/hooks/" + name };
        LaunchPlan plan = TestPlans.Plan(s => s with
        {
            Hooks = new Hooks { Prestart = [hook("p")], CreateRuntime = [hook("r")], CreateContainer = [hook("c")], StartContainer = [hook("s")] },
        });
        Assert.True(plan.IndexOf("Stage2: RunHook", "/hooks/p") < plan.IndexOf("Stage2: RunHook", "/hooks/r"));
        Assert.True(plan.IndexOf("Child: RunHook", "/hooks/c") < plan.IndexOf("Child: PivotRoot"));
        Assert.True(plan.IndexOf("Child: RunHook", "/hooks/s") > plan.IndexOf("Child: SetCapabilities"));
    }

    [Fact]
    public void A_container_without_a_mount_namespace_is_refused() =>
        Assert.Throws<SpecException>(static () => TestPlans.Plan(static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "pid" }] }) with { Hostname = null }));

    [Fact]
    public void An_AppArmor_profile_that_would_not_be_in_force_is_refused() =>
        Assert.Equal("process.apparmorProfile", Assert.Throws<SpecException>(static () => TestPlans.Plan(static s => s.WithProcess(static p => p with { ApparmorProfile = "strict" }))).Field);

    [Fact]
    public void Planning_twice_gives_the_same_bytes() =>
        Assert.Equal(TestPlans.Plan().Bytes.ToArray(), TestPlans.Plan().Bytes.ToArray());

    private static PlanOptions WithFilter(PlanOptions options) =>
        options with { CompileSeccomp = static _ => new SeccompProgram(new byte[16], 0) };
}
