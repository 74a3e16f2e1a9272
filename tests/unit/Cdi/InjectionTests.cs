using CriRuntime.Oci.Specs;

namespace CriRuntime.Cdi.Tests;

public sealed class InjectionTests
{
    private static readonly Spec s_spec = new()
    {
        Process = new Process { Env = ["PATH=/bin", "A=old"], User = new User { Uid = 1000, Gid = 1001, AdditionalGids = [5] } },
        Mounts = [new Mount { Destination = "/proc" }, new Mount { Destination = "/usr/lib/deep/file" }],
        Linux = new LinuxSection
        {
            Devices = [new LinuxDevice { Path = "/dev/v0", Type = "c", Major = 1, Minor = 1 }],
            Resources = new LinuxResources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] },
        },
    };

    [Fact]
    public void A_node_takes_from_the_host_what_the_spec_leaves_open_and_may_be_used()
    {
        Spec spec = Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/v0", HostPath = "/dev/real", Permissions = "rw" }] });
        LinuxDevice device = Assert.Single(spec.Linux!.Devices);
        Assert.Equal(("c", 195L, 7L, 1000u, 1001u), (device.Type, device.Major, device.Minor, device.Uid, device.Gid));
        Assert.Equal(new DeviceRule { Allow = true, Type = "c", Major = 195, Minor = 7, Access = "rw" }, spec.Linux.Resources!.Devices[^1]);
    }

    [Fact]
    public void Without_permissions_all_are_given_and_none_gives_none()
    {
        Assert.Equal("rwm", Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/real" }] }).Linux!.Resources!.Devices[^1].Access);
        Assert.Single(Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/real", Permissions = "none" }] }).Linux!.Resources!.Devices);
    }

    [Fact]
    public void A_node_that_the_host_lacks_is_named_unless_it_is_described()
    {
        Assert.Contains("/dev/gone", Assert.Throws<CdiException>(() => Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/gone" }] })).Message, StringComparison.Ordinal);
        Spec spec = Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/gone", Type = "b", Major = 8, Minor = 1 }] });
        Assert.Equal(8, spec.Linux!.Devices[^1].Major);
    }

    [Fact]
    public void A_host_node_of_another_type_is_refused() =>
        Assert.Contains("type", Assert.Throws<CdiException>(() => Apply(new ContainerEdits { DeviceNodes = [new DeviceNode { Path = "/dev/real", Type = "b" }] })).Message, StringComparison.Ordinal);

    [Fact]
    public void Variables_replace_groups_join_and_mounts_come_in_the_order_of_their_depth()
    {
        Spec spec = Apply(new ContainerEdits
        {
            Env = ["A=new", "B=1"],
            AdditionalGids = [44, 0, 5],
            Mounts = [new Mount { Source = "/lib", Destination = "/usr/lib" }, new Mount { Source = "/p", Destination = "/proc", Options = ["bind", "ro"] }],
        });
        Assert.Equal(["PATH=/bin", "A=new", "B=1"], spec.Process!.Env);
        Assert.Equal([5u, 44u], spec.Process.User.AdditionalGids);
        Assert.Equal(["/proc", "/usr/lib", "/usr/lib/deep/file"], spec.Mounts.Select(mount => mount.Destination));
        Assert.Equal("/p", spec.Mounts[0].Source);
        Assert.Contains("rbind", spec.Mounts[1].Options);
    }

    [Fact]
    public void Hooks_go_where_they_are_named_for()
    {
        Hook hook = new() { Path = "/hook" };
        Hooks hooks = Apply(new ContainerEdits
        {
            Hooks = [.. new[] { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop" }.Select(name => new NamedHook(name, hook))],
        }).Hooks!;
        Assert.All([hooks.Prestart, hooks.CreateRuntime, hooks.CreateContainer, hooks.StartContainer, hooks.Poststart, hooks.Poststop], list => Assert.Single(list));
    }

    private static Spec Apply(ContainerEdits edits) => CdiInjection.Apply(s_spec, [edits], (hostPath, path) =>
        hostPath == "/dev/real" ? new LinuxDevice { Path = path, Type = "c", Major = 195, Minor = 7, FileMode = 0x1b6 } : null);
}
