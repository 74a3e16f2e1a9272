using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class RestorePlannerTests
{
    private static readonly PlanOptions s_options = new()
    {
        ContainerId = "web",
        Rootfs = new OverlayRootfs(["/layers/1"], "/upper", "/work", "/pod/rootfs"),
        Host = HostFacts.Complete,
        StartGate = true,
    };

    [Fact]
    public void The_program_waits_beside_the_mounted_root_and_keeps_the_hosts()
    {
        LaunchPlan plan = RestorePlanner.PlanRestore(ExampleSpec.Create(), s_options, ["/usr/sbin/criu", "restore"]);
        Assert.True(plan.IndexOf("Child: MoveMount", "/pod/rootfs") < plan.IndexOf("Child: StopAtGate"));
        Assert.True(plan.IndexOf("Child: StopAtGate") < plan.IndexOf("Child: Exec", "/usr/sbin/criu"));
        foreach (string step in (string[])["PivotRoot", "SetUserId", "LoadSeccomp", "MakeTarget"])
            Assert.DoesNotContain(plan.Lines(), line => line.Contains(step, StringComparison.Ordinal));
    }

    [Fact]
    public void A_pid_namespace_of_others_and_a_user_namespace_are_refused()
    {
        foreach (LinuxNamespace ns in (LinuxNamespace[])[new() { Type = LinuxNamespaceType.Pid, Path = "/proc/1/ns/pid" }, new() { Type = LinuxNamespaceType.User }])
        {
            Spec spec = ExampleSpec.Create().WithLinux(linux => linux with { Namespaces = [new() { Type = LinuxNamespaceType.Mount }, ns] });
            Assert.Throws<SpecException>(() => RestorePlanner.PlanRestore(spec, s_options, ["/usr/sbin/criu"]));
        }
    }
}
