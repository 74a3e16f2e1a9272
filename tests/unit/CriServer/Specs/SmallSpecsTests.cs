using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Specs;

public sealed class SmallSpecsTests
{
    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("9", 9)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("0", null)]
    [InlineData("65", null)]
    [InlineData("SIGRTMIN+99", null)]
    [InlineData("SIGNOPE", null)]
    [InlineData("", null)]
    public void Signals_have_names_and_numbers(string text, int? number) => Assert.Equal(number, StopSignals.Parse(text));

    [Fact]
    public void An_images_nonsense_signal_counts_as_none_and_the_requests_is_refused()
    {
        Assert.Equal(15, StopSignals.Choose("", "SIGNOPE"));
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(() => StopSignals.Choose("SIGNOPE", "")).Kind);
    }

    [Fact]
    public void Propagation_is_read_from_the_mount_that_a_path_is_on()
    {
        MountTable table = MountTable.Parse(
            """
            21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            22 21 0:5 / /var/lib rw - tmpfs tmpfs rw
            23 22 0:6 / /var/lib/kubelet rw master:3 - tmpfs tmpfs rw
            24 21 0:7 / /with\040space rw shared:4 master:1 - tmpfs tmpfs rw
            """);
        Assert.True(table.IsShared("/etc"));
        Assert.False(table.IsShared("/var/lib/x"));
        Assert.True(table.IsSharedOrSlave("/var/lib/kubelet/pods"));
        Assert.False(table.IsSharedOrSlave("/var/lib/kubelet2"));
        Assert.True(table.IsShared("/with space/a"));
    }

    [Fact]
    public void A_device_is_described_and_a_file_is_none()
    {
        ContainerConfig config = Fakes.Daemon.ContainerConfig() with { Devices = [new ContainerDevice("/dev/nothing", "/dev/null", "r")] };
        LinuxDevice device = Assert.Single(HostDevices.Resolve(config)).Node;
        Assert.Equal(("c", "/dev/nothing", 1L, 3L), (device.Type, device.Path, device.Major, device.Minor));
        config = config with { Devices = [new ContainerDevice("", "/etc/passwd", "")] };
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(() => HostDevices.Resolve(config)).Kind);
    }

    [Fact]
    public void A_capability_mask_is_read_as_the_kernel_prints_it() =>
        Assert.Equal(["CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"], CapabilityNames.FromMask("0000010000000001"));

    [Theory]
    [InlineData("../../etc/shadow")]
    [InlineData("localhost/../x")]
    [InlineData("")]
    [InlineData("missing.json")]
    public void A_seccomp_profile_that_is_no_profile_is_refused(string reference)
    {
        SecurityProfiles profiles = new(_ => new Seccomp(), Path.GetTempPath());
        ContainerSecurity security = new() { Seccomp = new SecurityProfile(SecurityProfileKind.Localhost, reference) };
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(() => profiles.Seccomp(security, [])).Kind);
    }

    [Fact]
    public void Without_a_profile_and_when_privileged_there_is_no_seccomp()
    {
        SecurityProfiles profiles = new(_ => new Seccomp { DefaultAction = "d" }, "/");
        SecurityProfile runtimeDefault = new(SecurityProfileKind.RuntimeDefault, "");
        Assert.Null(profiles.Seccomp(new ContainerSecurity(), []));
        Assert.Null(profiles.Seccomp(new ContainerSecurity { Seccomp = runtimeDefault, Privileged = true }, []));
        Assert.Equal("d", profiles.Seccomp(new ContainerSecurity { Seccomp = runtimeDefault }, [])!.DefaultAction);
    }
}
