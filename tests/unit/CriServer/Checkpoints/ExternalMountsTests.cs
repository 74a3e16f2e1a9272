using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Checkpoints;

public sealed class ExternalMountsTests
{
    private static readonly Mount s_secrets = new() { Destination = "/var/run/secrets", Type = "bind", Source = "/pods/secrets", Options = ["rbind"] };

    private static readonly Spec s_spec = new() { Mounts = [s_secrets], Linux = new LinuxSection { MaskedPaths = ["/proc/kcore"] } };

    [Fact]
    public void Binds_cgroups_and_masks_are_left_out_and_file_systems_of_the_container_are_saved()
    {
        IReadOnlyList<MountLine> mounts = MountLine.Parse("""
            1 0 0:1 / / rw - overlay none rw
            2 1 0:2 / /proc rw,nosuid shared:3 - proc proc rw
            3 1 0:3 /a\040b /run/secrets rw - ext4 /dev/sda rw
            4 2 0:6 /null /proc/kcore rw - devtmpfs d rw
            5 1 0:7 /x /sys/fs/cgroup ro - cgroup2 none rw
            """);
        Assert.Equal("/a b", mounts[2].Root);
        IReadOnlyList<ExternalMount> found = ExternalMounts.Find(mounts, s_spec, new Dictionary<int, Mount> { [3] = s_secrets });
        Assert.Equal(
            [new("/run/secrets", "/var/run/secrets", "/pods/secrets"), new("/proc/kcore", "/proc/kcore", ""), new("/sys/fs/cgroup", "/sys/fs/cgroup", "")], found);
    }

    [Fact]
    public void A_mount_inside_a_volume_is_refused_by_its_name()
    {
        IReadOnlyList<MountLine> mounts = MountLine.Parse("9 1 0:9 / /run/secrets/more rw - ext4 /dev/sdb rw\n");
        CriException e = Assert.Throws<CriException>(() => ExternalMounts.Find(mounts, s_spec, new Dictionary<int, Mount>()));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains("/run/secrets/more", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_checkpoint_calls_for_comes_from_the_new_container_alone()
    {
        CgroupDirectory[] cgroups = [new(new CgroupMount("/sys/fs/cgroup", CgroupVersion.V2, [], "/"), "/sys/fs/cgroup/pod/new")];
        Assert.Equal(
            ["/pods/secrets", "/sys/fs/cgroup/pod/new", "/dev/null"],
            ExternalMounts.Sources(["/var/run/secrets", "/sys/fs/cgroup", "/proc/kcore"], s_spec, cgroups, console: null).Select(source => source.Value));
        foreach (string hostile in (string[])["/", "/etc", "/var/run/secrets/..", "/var/run/secrets/link", "", "/proc/../etc]:x", "/dev/console"])
            Assert.Throws<CriException>(() => ExternalMounts.Sources([hostile], s_spec, cgroups, console: null));
    }
}
