using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class SandboxPlannerTests
{
    private static readonly SandboxNamespaces Request = new() { PodId = "pod", PinDirectory = "/run/ns", Host = HostFacts.Complete, Network = true, Ipc = true, Uts = true, Hostname = "pod" };

    [Fact]
    public void Namespaces_are_set_up_then_pinned_then_left()
    {
        LaunchPlan plan = SandboxPlanner.PlanSandbox(Request with { Sysctls = new Dictionary<string, string> { ["net.ipv4.ip_unprivileged_port_start"] = "0" } });
        int[] places = [plan.IndexOf("Child: SetHostname"), plan.IndexOf("Child: LoopbackUp"), plan.IndexOf("Child: WriteProc", "sys/net/ipv4/ip_unprivileged_port_start"), plan.IndexOf("Child: AskParent"), plan.IndexOf("Child: Finish")];
        Assert.Equal(places.Order(), places);
        foreach (string type in new[] { "net", "ipc", "uts" })
        {
            plan.IndexOf("Stage1: OpenTree", $"\"ns/{type}\"");
            plan.IndexOf("Stage1: MoveMount", $"\"/run/ns/{type}\"");
            Assert.True(plan.IndexOf("Undo: Unmount", $"/run/ns/{type}\"") < plan.IndexOf("Undo: RemoveFile", $"/run/ns/{type}\""));
        }
    }

    [Fact]
    public void The_first_process_of_a_shared_pid_namespace_keeps_nothing_worth_having()
    {
        LaunchPlan plan = SandboxPlanner.PlanSandbox(Request with { Pid = true });
        int stays = plan.IndexOf("Child: ReapOrphans");
        foreach (string step in new[] { "PivotRoot", "LimitBoundingSet", "SetUserId", "SetCapabilities", "SetNoNewPrivileges" })
            Assert.True(plan.IndexOf("Child: " + step) < stays);
    }

    [Fact]
    public void The_root_of_that_process_has_the_pods_label()
    {
        HostFacts host = HostFacts.Complete with { SELinux = true };
        LaunchPlan plan = SandboxPlanner.PlanSandbox(Request with { Host = host, Pid = true, MountLabel = "system_u:object_r:container_file_t:s0:c1,c2" });
        Assert.True(plan.IndexOf("Child: FsSetString", "container_file_t:s0:c1,c2") < plan.IndexOf("Child: FsMount"));
    }

    [Fact]
    public void A_user_namespace_owns_the_others()
    {
        LaunchPlan plan = SandboxPlanner.PlanSandbox(Request with { UidMappings = [new() { HostId = 1, Size = 2 }], GidMappings = [new() { HostId = 3, Size = 4 }] });
        Assert.Contains("clone=0x5c000000", plan.Lines()[0], StringComparison.Ordinal);
        plan.IndexOf("AfterClone: WriteFile", "uid_map", "0 1 2");
        plan.IndexOf("Stage1: OpenTree", "ns/user");
    }

    [Fact]
    public void A_hostname_without_a_uts_namespace_is_refused() =>
        Assert.Throws<SpecException>(static () => SandboxPlanner.PlanSandbox(Request with { Uts = false }));
}
