using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Configuration;
using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Tests.Cgroups;

public sealed class CgroupDriverChoiceTests
{
    private static readonly CgroupConfiguration Auto = new();

    [Fact]
    public void Systemd_is_the_choice_where_it_runs_on_cgroup_v2_alone()
    {
        CgroupDriverChoice choice = Choose(Auto, CgroupVersion.V2, systemdRuns: true);

        Assert.Equal(CgroupDriver.Systemd, choice.Driver);
        Assert.Equal(("criruntime.slice", "criruntime-monitors.slice"), (choice.DefaultParent, choice.Monitors));
    }

    [Theory]
    [InlineData(CgroupVersion.V1, true)]
    [InlineData(CgroupVersion.V2, false)]
    public void Elsewhere_it_is_cgroupfs(CgroupVersion version, bool systemdRuns)
    {
        CgroupDriverChoice choice = Choose(Auto, version, systemdRuns);

        Assert.Equal(CgroupDriver.Cgroupfs, choice.Driver);
        Assert.Equal(("/criruntime", "/criruntime-monitors"), (choice.DefaultParent, choice.Monitors));
    }

    [Fact]
    public void A_systemd_that_cannot_be_reached_leaves_cgroupfs_and_the_reason() =>
        Assert.Equal((CgroupDriver.Cgroupfs, "no bus"), (CgroupDriverChoice.Decide(Auto, "no bus", 0).Driver, CgroupDriverChoice.Decide(Auto, "no bus", 0).Reason));

    [Fact]
    public void Paths_in_the_configuration_are_meant_for_cgroupfs() =>
        Assert.Equal(CgroupDriver.Cgroupfs, Choose(Auto with { DefaultParent = "/pods" }, CgroupVersion.V2, systemdRuns: true).Driver);

    [Theory]
    [InlineData(CgroupVersion.V1, true, "v1")]
    [InlineData(CgroupVersion.V2, false, "/run/systemd/system")]
    public void Asked_for_systemd_a_host_without_it_is_refused_with_the_reason(CgroupVersion version, bool systemdRuns, string reason)
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Choose(Auto with { Driver = "systemd" }, version, systemdRuns));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("cgroupfs", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_must_be_those_of_the_driver()
    {
        Assert.Throws<ConfigurationException>(() => Choose(Auto with { Driver = "systemd", Monitors = "/monitors" }, CgroupVersion.V2, systemdRuns: true));
        Assert.Throws<ConfigurationException>(() => Choose(Auto with { Driver = "cgroupfs", DefaultParent = "pods.slice" }, CgroupVersion.V2, systemdRuns: true));
        Assert.Equal("pods.slice", Choose(Auto with { DefaultParent = "pods.slice" }, CgroupVersion.V2, systemdRuns: true).DefaultParent);
        Assert.Equal("", Choose(Auto with { Monitors = "" }, CgroupVersion.V2, systemdRuns: true).Monitors);
    }

    private static CgroupDriverChoice Choose(CgroupConfiguration configuration, CgroupVersion version, bool systemdRuns) =>
        CgroupDriverChoice.Decide(configuration, CgroupDriverChoice.Obstacle(configuration, version, systemdRuns), 252);
}
