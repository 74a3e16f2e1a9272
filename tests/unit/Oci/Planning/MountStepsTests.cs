using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class MountStepsTests
{
    [Theory]
    [InlineData("rslave", true)]
    [InlineData("rshared", true)]
    [InlineData("rprivate", false)]
    public void A_source_that_keeps_its_peers_is_taken_before_the_mount_of_the_roots_place_is_cut_off(string propagation, bool before)
    {
        LaunchPlan plan = TestPlans.Plan(s => s.WithMount("bind", "/srv/data", "/data", "rbind", propagation).WithLinux(static linux => linux with { RootfsPropagation = "rshared" }));
        Assert.Equal(before, plan.IndexOf("OpenTree", "/srv/data") < plan.IndexOf("SetPropagation \"/images/web\""));
        Assert.True(plan.IndexOf("OpenTree", "/srv/data") > plan.IndexOf("SetPropagation \"/\""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rslave")]
    [InlineData("rprivate")]
    public void The_mount_of_the_roots_place_is_not_touched_where_nothing_would_reach_the_host_from_it(string propagation)
    {
        LaunchPlan plan = TestPlans.Plan(s => s.WithLinux(linux => linux with { RootfsPropagation = propagation }));
        Assert.DoesNotContain(plan.Lines(), static line => line.Contains("SetPropagation \"/images/web\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bind_mount_is_cloned_set_up_and_moved_onto_a_target_of_its_kind()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithMount("bind", "/host/a", "/a/../b", "rbind", "ro", "rslave"));
        int[] places =
        [
            plan.IndexOf("Child: OpenTree", "\"/host/a\"", "number=0x8001"),
            plan.IndexOf("SetMountAttributes", "blob=0100000000000000"),
            plan.IndexOf("SetMountAttributes", "00000800", "number=0x1"),
            plan.IndexOf("MakeTarget", "\"b\"", "number=0x2"),
        ];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void A_recursive_attribute_is_set_on_the_whole_tree() =>
        TestPlans.Plan(static s => s.WithMount("bind", "/host/a", "/a", "rbind", "rro")).IndexOf("SetMountAttributes", "number=0x1", "blob=0100000000000000");

    [Fact]
    public void Access_time_options_replace_each_other() =>
        // set NOATIME, clear the whole field
        TestPlans.Plan(static s => s.WithMount("bind", "/host/a", "/a", "bind", "strictatime", "noatime")).IndexOf("SetMountAttributes", "blob=10000000000000007000000000000000");

    [Fact]
    public void Options_of_the_file_system_are_given_one_by_one()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithMount("tmpfs", "shm", "/dev/shm", "nosuid", "size=64k", "mode=1777", "inode64"));
        plan.IndexOf("FsSetString", "\"size\" \"64k\"");
        plan.IndexOf("FsSetString", "\"mode\" \"1777\"");
        plan.IndexOf("FsSetFlag", "\"inode64\"");
        plan.IndexOf("FsMount", "value=0x2");
    }

    [Fact]
    public void A_relative_source_is_relative_to_the_bundle() =>
        TestPlans.Plan(static s => s.WithMount("bind", "volume", "/v", "bind"), static o => o with { Bundle = "/bundles/x" }).IndexOf("OpenTree", "\"/bundles/x/volume\"");

    [Fact]
    public void Ids_are_mapped_while_the_mount_is_detached()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s with
        {
            Mounts = [new Mount { Type = "bind", Source = "/s", Destination = "/d", Options = ["bind"], UidMappings = [new() { HostId = 7, Size = 1 }], GidMappings = [new() { HostId = 8, Size = 1 }] }],
        });
        plan.IndexOf("Before: MakeUserNamespace", "0 7 1");
        int[] places = [plan.IndexOf("Child: OpenTree", "\"/s\""), plan.IndexOf("Child: SetMountAttributes", "0000100000000000"), plan.IndexOf("Child: MakeTarget", "\"d\"")];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void An_overlay_is_mounted_by_the_child_layer_by_layer()
    {
        LaunchPlan plan = TestPlans.Plan(options: static o => o with { Rootfs = new OverlayRootfs(["/l2", "/l1"], "/up", "/work", "/merged") { Options = ["volatile"] } });
        Assert.True(plan.IndexOf("Child: FsSetString", "\"lowerdir+\" \"/l2\"") < plan.IndexOf("Child: FsSetString", "\"lowerdir+\" \"/l1\""));
        plan.IndexOf("FsSetString", "\"upperdir\" \"/up\"");
        plan.IndexOf("FsSetFlag", "\"volatile\"");
        plan.IndexOf("MoveMount", "\"/merged\"");
    }

    [Fact]
    public void An_older_kernel_gets_one_string()
    {
        LaunchPlan plan = TestPlans.Plan(options: static o => o with
        {
            Rootfs = new OverlayRootfs(["/l2", "/l1"], "/up", "/work", "/merged"),
            Host = HostFacts.Complete with { Kernel = new Version(5, 15) },
        });
        plan.IndexOf("MountLegacy \"/merged\" \"overlay\"", "lowerdir=/l2:/l1,upperdir=/up,workdir=/work");
    }

    [Fact]
    public void Layers_that_exceed_a_page_are_named_relative_to_what_they_share()
    {
        string[] layers = [.. Enumerable.Range(0, 50).Select(static i => $"/var/lib/criruntime/images/layers/sha256/{i:d64}/fs")];
        LaunchPlan plan = TestPlans.Plan(options: o => o with { Rootfs = new OverlayRootfs(layers, "/u", "/w", "/m"), Host = HostFacts.Complete with { Kernel = new Version(6, 1) } });
        Assert.True(plan.IndexOf("ChangeDirectory \"/var/lib/criruntime/images/layers/sha256\"") < plan.IndexOf("MountLegacy", $"lowerdir={0:d64}/fs:"));
    }

    [Fact]
    public void Devices_are_made_by_the_host_where_there_is_a_user_namespace()
    {
        TestPlans.Plan().IndexOf("MakeNode", "\"dev/null\"", "number=0x21b6", "value=0x103");
        LaunchPlan plan = TestPlans.Plan(static s => s.WithLinux(static l => l with { Namespaces = [new() { Type = "mount" }, new() { Type = "uts" }, new() { Type = "user", Path = "/ns/user" }] }));
        int made = plan.IndexOf("MakeNode", "number=0x21b6", "value=0x103");
        Assert.True(made < plan.IndexOf("JoinNamespace") && plan.IndexOf("JoinNamespace") < plan.IndexOf("MakeTarget", "\"dev/null\""));
    }

    [Fact]
    public void A_dev_of_the_host_is_left_alone()
    {
        LaunchPlan plan = TestPlans.Plan(static s => s.WithMount("bind", "/dev", "/dev", "rbind"));
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains("MakeNode", StringComparison.Ordinal) || l.Contains("MakeSymlink", StringComparison.Ordinal));
    }

    [Fact]
    public void Protection_comes_after_the_mounts_and_before_the_pivot()
    {
        LaunchPlan plan = TestPlans.Plan();
        Assert.True(plan.IndexOf("VerifyDevice") < plan.IndexOf("MaskPath", "\"proc/kcore\""));
        Assert.True(plan.IndexOf("MaskPath") < plan.IndexOf("PivotRoot"));
        Assert.True(plan.IndexOf("ReadOnlyPath", "\"proc/sys\"") < plan.IndexOf("PivotRoot"));
    }
}
