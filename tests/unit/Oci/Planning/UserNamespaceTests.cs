using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

/// <summary>What of a container with a user namespace is done by the host's root, and what by its own.</summary>
public sealed class UserNamespaceTests
{
    private static readonly IReadOnlyList<IdMapping> Uids = [new() { HostId = 100_000, Size = 65_536 }];
    private static readonly IReadOnlyList<IdMapping> Gids = [new() { HostId = 200_000, Size = 65_536 }];

    [Fact]
    public void Layers_are_mapped_by_the_host_and_the_overlay_is_attached_by_the_containers_root()
    {
        LaunchPlan plan = Plan(Joined, static o => o with { Rootfs = Overlay });
        int join = plan.IndexOf("Child: JoinNamespace");
        plan.IndexOf("Before: OpenPath", "/ns/user");
        int[] places =
        [
            plan.IndexOf("Child: MoveMount", "\"/merged\""), plan.IndexOf("Child: OpenTree", "\"/l2\""), plan.IndexOf("Child: SetMountAttributes", Mapped), plan.IndexOf("Child: MoveMount", "\"/merged/0\""),
            plan.IndexOf("Child: OpenTree", "\"/l1\""), plan.IndexOf("Child: FsSetString", "\"lowerdir+\" \"/merged/0\""), plan.IndexOf("Child: FsSetString", "\"lowerdir+\" \"/merged/1\""),
            plan.IndexOf("Child: FsSetString", "\"upperdir\" \"/up\""), plan.IndexOf("Child: ChangeDirectory", "\"/merged\""), join,
            plan.IndexOf("Child: Unshare", "number=0x20000"), plan.IndexOf("Child: MoveMount", "\".\""), plan.IndexOf("Child: PivotRoot"),
        ];
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain("userxattr", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_kernel_gets_the_mapped_layers_in_one_string()
    {
        LaunchPlan plan = Plan(Joined, static o => o with { Rootfs = Overlay, Host = HostFacts.Complete with { Kernel = new Version(6, 1) } });
        int[] places =
        [
            plan.IndexOf("Child: MoveMount", "\"/merged/1\""), plan.IndexOf("Child: MountLegacy", "lowerdir=/merged/0:/merged/1,upperdir=/up"), plan.IndexOf("Child: OpenTree", "\"/merged\""),
            plan.IndexOf("Child: Unmount", "\"/merged\""), plan.IndexOf("Child: JoinNamespace"), plan.IndexOf("Child: MoveMount", "\".\""),
        ];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void Without_a_user_namespace_layers_are_taken_as_they_are()
    {
        LaunchPlan plan = Plan(static s => s, static o => o with { Rootfs = Overlay });
        plan.IndexOf("Child: FsSetString", "\"lowerdir+\" \"/l2\"");
        Assert.DoesNotContain("/merged/0", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_are_opened_before_the_host_is_out_of_reach_and_kernel_file_systems_after()
    {
        LaunchPlan plan = Plan(
            s => Joined(s) with
            {
                Mounts =
                [
                    new Mount { Type = "proc", Source = "proc", Destination = "/proc" },
                    new Mount { Type = "bind", Source = "/plain", Destination = "/a", Options = ["rbind"] },
                    new Mount { Type = "bind", Source = "/mapped", Destination = "/b", Options = ["rbind"], UidMappings = Uids, GidMappings = Gids },
                    new Mount { Type = "overlay", Source = "overlay", Destination = "/c", Options = ["ro", "lowerdir=/v2:/v1"] },
                ],
            },
            static o => o with { Rootfs = Overlay });
        int join = plan.IndexOf("Child: JoinNamespace");
        Assert.True(plan.IndexOf("Child: OpenTree", "\"/plain\"") < join && join < plan.IndexOf("Child: MakeTarget", "\"a\""));
        Assert.Contains(Mapped, plan.Lines()[plan.IndexOf("Child: OpenTree", "\"/mapped\"") + 1], StringComparison.Ordinal);
        Assert.True(plan.IndexOf("Child: OpenTree", "\"/v2\"") < plan.IndexOf("\"lowerdir+\" \"/merged/2\""));
        Assert.True(plan.IndexOf("\"lowerdir+\" \"/merged/2\"") < join && join < plan.IndexOf("Child: MakeTarget", "\"c\""));
        Assert.True(join < plan.IndexOf("Child: FsOpen", "\"proc\""));
        // The volume's ids are the pod's: no further user namespace is made for them.
        Assert.DoesNotContain("MakeUserNamespace", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_belong_to_the_user_as_the_host_knows_him_and_devices_stay_the_hosts()
    {
        LaunchPlan plan = Plan(s => Joined(s) with { Process = s.Process! with { User = new User { Uid = 1000, Gid = 1000 } } });
        Assert.DoesNotContain("value2", plan.Lines()[plan.IndexOf("Child: MakeNode", "value=0x103")], StringComparison.Ordinal);
        Assert.True(plan.IndexOf("Child: OwnStdio", $"number=0x{101_000:x}") < plan.IndexOf("Child: JoinNamespace"));
    }

    [Fact]
    public void A_further_process_gets_its_streams_before_it_joins()
    {
        LaunchPlan plan = ExecPlanner.PlanExec(new Process { Args = ["/bin/sh"], Cwd = "/", User = new User { Uid = 5 } }, new ExecTarget
        {
            ContainerId = "c",
            Pid = 7,
            Host = HostFacts.Complete,
            Namespaces = [new() { Type = "user" }, new() { Type = "mount" }],
            UidMappings = Uids,
        });
        Assert.True(plan.IndexOf("Child: OwnStdio", $"number=0x{100_005:x}") < plan.IndexOf("Child: JoinNamespace"));
    }

    [Theory]
    [InlineData(0u, 100_000u)]
    [InlineData(65_535u, 165_535u)]
    [InlineData(65_536u, null)]
    public void An_id_is_looked_up_in_the_ranges(uint inside, uint? outside) => Assert.Equal(outside, IdMapping.ToHost(Uids, inside));

    /// <summary>MOUNT_ATTR_IDMAP, as the first bytes of struct mount_attr.</summary>
    private const string Mapped = "blob=0000100000000000";

    private static OverlayRootfs Overlay => new(["/l2", "/l1"], "/up", "/work", "/merged");

    private static Spec Joined(Spec spec) => spec.WithLinux(static l => l with
    {
        Namespaces = [new() { Type = "mount" }, new() { Type = "pid" }, new() { Type = "user", Path = "/ns/user" }],
        UidMappings = Uids,
        GidMappings = Gids,
    });

    private static LaunchPlan Plan(Func<Spec, Spec> change, Func<PlanOptions, PlanOptions>? options = null) => TestPlans.Plan(change, options);
}
