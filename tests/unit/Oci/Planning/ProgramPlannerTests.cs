using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class ProgramPlannerTests
{
    private static readonly OverlayRootfs s_rootfs = new(["/layers/1"], "/upper", "/work", "/pod/rootfs");

    [Fact]
    public void Without_mounts_a_program_shares_the_hosts()
    {
        LaunchPlan plan = Plan(null);
        Assert.DoesNotContain(plan.Lines(), line => line.Contains("FsMount", StringComparison.Ordinal) || line.Contains("SetPropagation", StringComparison.Ordinal));
        Assert.True(plan.IndexOf("Child: ChangeDirectory", "/bundle") < plan.IndexOf("Child: Exec", "/usr/bin/runc"));
    }

    [Fact]
    public void Volumes_lie_beside_the_root_before_the_program_runs()
    {
        Mount[] volumes = [Volume("/a", "ro", "lowerdir=/l/1"), Volume("/b", "ro", "lowerdir=/l/2", "X-mount.subdir=etc/conf")];
        LaunchPlan plan = Plan(new ProgramMounts(s_rootfs, "/bundle") { Volumes = volumes });
        int[] places =
        [
            plan.IndexOf("MoveMount", "\"/pod/rootfs\""),
            plan.IndexOf("OpenPath", "\"/bundle\""),
            plan.IndexOf("MakeTarget", "\"volume-0\""),
            plan.IndexOf("OpenInRoot", "\"etc/conf\""),
            plan.IndexOf("MakeTarget", "\"volume-1\"", "number=0x2"), // a file onto a file
            plan.IndexOf("Child: Exec"),
        ];
        Assert.Equal(places.Order(), places);
        Assert.Equal("/bundle/volume-1", ProgramMounts.PathOf("/bundle", 1));
    }

    [Fact]
    public void Where_mounts_reach_the_host_the_places_of_root_and_volumes_are_cut_off_after_the_sources_are_taken()
    {
        Mount[] volumes = [new() { Destination = "/data", Type = "bind", Source = "/run/data", Options = ["rbind", "rshared"] }, Volume("/a", "ro", "lowerdir=/l/1")];
        LaunchPlan plan = Plan(new ProgramMounts(s_rootfs, "/bundle") { Volumes = volumes, Propagation = "rshared" });
        int[] places =
        [
            plan.IndexOf("OpenTree", "\"/run/data\""),
            plan.IndexOf("SetPropagation \"/pod/rootfs\""),
            plan.IndexOf("MoveMount", "\"/pod/rootfs\""),
            plan.IndexOf("SetPropagation \"/bundle\""),
            plan.IndexOf("MakeTarget", "\"volume-0\""),
            plan.IndexOf("MakeTarget", "\"volume-1\""),
            plan.IndexOf("Child: Exec"),
        ];
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(Plan(new ProgramMounts(s_rootfs, "/bundle") { Volumes = volumes }).Lines(),
            line => line.Contains("SetPropagation \"/bundle\"", StringComparison.Ordinal) || line.Contains("SetPropagation \"/pod/rootfs\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rshared", "value=0x104000")]
    [InlineData("rslave", "value=0x84000")]
    [InlineData("rprivate", "value=0x84000")]
    [InlineData("", "value=0x84000")]
    public void Only_a_container_that_shares_its_mounts_reaches_the_host(string propagation, string flags) =>
        Plan(new ProgramMounts(s_rootfs, "/bundle") { Propagation = propagation }).IndexOf("SetPropagation \"/\"", flags);

    [Fact]
    public void The_root_and_the_volumes_get_the_containers_mount_label()
    {
        HostFacts host = HostFacts.Complete with { SELinux = true };
        LaunchPlan plan = Plan(new ProgramMounts(s_rootfs, "/bundle") { MountLabel = "u:r:t:s0:c1,c2", Volumes = [Volume("/a", "ro", "lowerdir=/l/1")] }, host);
        Assert.Equal(2, plan.Lines().Count(line => line.Contains("FsSetString", StringComparison.Ordinal) && line.Contains("u:r:t:s0:c1,c2", StringComparison.Ordinal)));
    }

    private static Mount Volume(string destination, params string[] options) => new() { Destination = destination, Type = "overlay", Source = "overlay", Options = options };

    private static LaunchPlan Plan(ProgramMounts? mounts, HostFacts? host = null) =>
        ProgramPlanner.PlanProgram(new ProgramStart("runc: create of web", "/usr/bin/runc", ["create", "web"], "/bundle") { Mounts = mounts }, host ?? HostFacts.Complete);
}
