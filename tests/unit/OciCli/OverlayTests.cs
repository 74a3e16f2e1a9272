using CriRuntime.Oci.Planning;

namespace CriRuntime.OciCli.Tests;

public sealed class OverlayTests : IDisposable
{
    private readonly Bundle bundle = new();
    private readonly string scratch = Directory.CreateTempSubdirectory("cri-oci-overlay-").FullName;

    public OverlayTests() => CriOci.RunProgram("/bin/mount", ["-t", "tmpfs", "tmpfs", scratch]).Succeeded();

    public void Dispose()
    {
        CriOci.RunProgram("/bin/umount", [scratch]);
        Directory.Delete(scratch);
        bundle.Dispose();
    }

    [Theory]
    [InlineData("6.12")]
    [InlineData("5.15")]
    public void Layers_show_through_and_changes_go_to_the_upper_directory(string kernel)
    {
        string top = MakeDirectory("top");
        File.WriteAllText(Path.Combine(top, "layer"), "top\n");
        LaunchPlan plan = Plan("cat /layer; echo changed > /layer; rm -r /data", top, new Version(kernel));
        Assert.Equal("top\n", PlanFile.Launch(plan, scratch).Succeeded());
        Assert.Equal("changed\n", File.ReadAllText(Path.Combine(scratch, "upper/layer")));
        Assert.Equal("top\n", File.ReadAllText(Path.Combine(top, "layer")));
        Assert.DoesNotContain(scratch + "/merged", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(scratch, "merged")));
    }

    [Fact]
    public void A_launch_that_fails_names_the_layer_step_and_leaves_no_mount()
    {
        PlanFile.Launch(Plan("true", Path.Combine(scratch, "missing"), new Version(6, 12)), scratch).Failed("create container overlay", "missing", "ENOENT");
        Assert.DoesNotContain(scratch + "/merged", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gated_plan_runs_when_it_is_released()
    {
        LaunchPlan plan = Plan("echo released", MakeDirectory("top"), new Version(6, 12), gate: true);
        Assert.Equal("released\n", PlanFile.Launch(plan, scratch, "--release").Succeeded());
    }

    private LaunchPlan Plan(string script, string top, Version kernel, bool gate = false) => LaunchPlanner.Plan(
        bundle.Spec with { Process = bundle.Process with { Args = ["/bin/sh", "-c", script] } },
        new PlanOptions
        {
            ContainerId = "overlay",
            Rootfs = new OverlayRootfs([top, bundle.Rootfs], MakeDirectory("upper"), MakeDirectory("work"), MakeDirectory("merged")),
            Host = HostFacts.Detect() with { Kernel = kernel },
            StartGate = gate,
        });

    private string MakeDirectory(string name) => Directory.CreateDirectory(Path.Combine(scratch, name)).FullName;
}
