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
        LaunchPlan plan = RestorePlanner.PlanRestore(ExampleSpec.Create(), s_options, new RestoringProgram(["/usr/sbin/criu", "restore"]));
        Assert.True(plan.IndexOf("Child: MoveMount", "/pod/rootfs") < plan.IndexOf("Child: StopAtGate"));
        Assert.True(plan.IndexOf("Child: StopAtGate") < plan.IndexOf("Child: Exec", "/usr/sbin/criu"));
        foreach (string step in (string[])["PivotRoot", "SetUserId", "LoadSeccomp", "MakeTarget"])
            Assert.DoesNotContain(plan.Lines(), line => line.Contains(step, StringComparison.Ordinal));
    }

    [Fact]
    public void A_terminal_is_the_programs_streams_but_not_its_controlling_one()
    {
        LaunchPlan plan = RestorePlanner.PlanRestore(ExampleSpec.Create(), s_options, new RestoringProgram(["/usr/sbin/criu", "restore"], "/w/console"));
        Assert.True(plan.IndexOf("Child: OpenTerminal") < plan.IndexOf("Child: MoveMount", "/w/console"));
        Assert.True(plan.IndexOf("Child: MoveMount", "/w/console") < plan.IndexOf("Child: UseAsStdio"));
        Assert.DoesNotContain(plan.Lines(), line => line.Contains("UseTerminal", StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_namespace_is_refused()
    {
        Spec spec = ExampleSpec.Create().WithLinux(linux => linux with { Namespaces = [new() { Type = LinuxNamespaceType.Mount }, new() { Type = LinuxNamespaceType.User }] });
        Assert.Throws<SpecException>(() => RestorePlanner.PlanRestore(spec, s_options, new RestoringProgram(["/usr/sbin/criu"])));
    }
}
