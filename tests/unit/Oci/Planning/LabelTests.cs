using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

/// <summary>AppArmor (config.md, process.apparmorProfile) and SELinux (process.selinuxLabel, linux.mountLabel).</summary>
public sealed class LabelTests
{
    private const string Context = "system_u:object_r:container_file_t:s0:c1,c2";

    private static readonly HostFacts AppArmor = HostFacts.Complete with { AppArmor = true };
    private static readonly HostFacts SELinux = HostFacts.Complete with { SELinux = true };

    [Fact]
    public void An_AppArmor_profile_is_asked_for_at_the_next_execution()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithProcess(static p => p with { ApparmorProfile = "strict" }), static o => o with { Host = AppArmor });
        Assert.True(plan.IndexOf("Child: WriteProc", "self/attr/apparmor/exec", "exec strict") < plan.IndexOf("Child: SetNoNewPrivileges"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unconfined_is_fine_on_every_host(bool inForce)
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithProcess(static p => p with { ApparmorProfile = "unconfined" }), o => o with { Host = inForce ? AppArmor : HostFacts.Complete });
        Assert.Equal(inForce, plan.Lines().Any(static l => l.Contains("exec unconfined", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_SELinux_label_is_asked_for_at_the_next_execution() =>
        TestPlans.Plan(static s => s.WithProcess(static p => p with { SelinuxLabel = "system_u:system_r:container_t:s0" }), static o => o with { Host = SELinux })
            .IndexOf("Child: WriteProc", "\"self/attr/exec\"", "container_t");

    [Fact]
    public void Without_SELinux_a_label_is_a_warning() =>
        Assert.Contains(TestPlans.Plan(static s => s.WithProcess(static p => p with { SelinuxLabel = "x" })).Warnings, static w => w.Contains("SELinux is not in force", StringComparison.Ordinal));

    [Theory]
    [InlineData("tmpfs", true)]
    [InlineData("devpts", true)]
    [InlineData("proc", false)]
    [InlineData("sysfs", false)]
    [InlineData("mqueue", false)]
    public void New_mounts_get_the_label_but_the_kernels_own_file_systems(string type, bool labelled)
    {
        LaunchPlan plan = Labelled(s => s.WithMount(type, "none", "/x"), SELinux);
        Assert.Equal(labelled, plan.Lines().Any(static l => l.Contains($"\"context\" \"{Context}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_context_that_a_mount_names_itself_counts()
    {
        LaunchPlan plan = Labelled(static s => s.WithMount("tmpfs", "none", "/x", "context=own"), SELinux);
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains($"\"context\" \"{Context}\"", StringComparison.Ordinal));
        plan.IndexOf("FsSetString", "\"context\" \"own\"");
    }

    [Theory]
    [InlineData("ipc", true)]
    [InlineData("network", false)]
    public void Message_queues_get_the_label_unless_they_are_the_hosts(string type, bool labelled)
    {
        LaunchPlan plan = Labelled(s => s.WithMount("mqueue", "mqueue", "/dev/mqueue").WithLinux(l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "uts" }, new() { Type = type, Path = "/ns" }] }), SELinux);
        Assert.Equal(labelled, plan.Lines().Any(static l => l.Contains("FsMount", StringComparison.Ordinal) && l.Contains(Context, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_hides_a_directory_and_the_devices_of_a_user_namespace_have_the_label()
    {
        LaunchPlan plan = Labelled(
            static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "uts" }, new() { Type = "user", Path = "/ns/user" }] }), SELinux);
        Assert.True(plan.IndexOf("FsSetString", $"\"context\" \"{Context}\"") < plan.IndexOf("MakeNode", "number=0x21b6", "value=0x103"));
        plan.IndexOf("MaskPath", Context);
    }

    [Fact]
    public void Without_SELinux_no_mount_is_labelled() =>
        Assert.DoesNotContain(Labelled(static s => s.WithMount("tmpfs", "none", "/x"), HostFacts.Complete).Lines(), static l => l.Contains(Context, StringComparison.Ordinal));

    [Theory]
    [InlineData("6.12", "\"context\" \"" + Context + "\"")]
    [InlineData("5.15", "context=\"" + Context + "\"")]
    public void An_overlay_is_labelled_by_either_interface(string kernel, string words)
    {
        OverlayRootfs overlay = new(["/lower"], "/upper", "/work", "/merged");
        LaunchPlan plan = TestPlans.Plan(
            static s => s.WithLinux(static l => l with { MountLabel = Context }) with { Mounts = [] },
            o => o with { Rootfs = overlay, Host = SELinux with { Kernel = new Version(kernel) } });
        plan.IndexOf(words);
    }

    private static LaunchPlan Labelled(Func<Spec, Spec> change, HostFacts host) =>
        TestPlans.Plan(s => change(s).WithLinux(static l => l with { MountLabel = Context }), o => o with { Host = host });
}
