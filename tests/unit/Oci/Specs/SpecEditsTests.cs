using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;

namespace CriRuntime.Oci.Tests.Specs;

public sealed class SpecEditsTests
{
    [Fact]
    public void A_variable_keeps_its_place_and_a_longer_name_is_another()
    {
        List<string> environment = ["PATH=/bin", "A=1", "AB=2"];
        SpecEdits.SetVariable(environment, "A", "x=y");
        SpecEdits.SetVariable(environment, "B", "");
        SpecEdits.RemoveVariable(environment, "PATH");
        SpecEdits.RemoveVariable(environment, "P");
        Assert.Equal(["A=x=y", "AB=2", "B="], environment);
    }

    [Theory]
    [InlineData("c", "rw", "c")]
    [InlineData("u", "rw", "c")]
    [InlineData("b", "rwm", "b")]
    [InlineData("p", "rwm", null)]
    [InlineData("c", "", null)]
    public void A_device_brings_the_right_to_use_it(string type, string access, string? ruled)
    {
        LinuxSection linux = new() { Devices = [new LinuxDevice { Path = "/dev/x", Type = "b" }] };
        linux = SpecEdits.WithDevice(linux, new LinuxDevice { Path = "/dev/x", Type = type, Major = 7, Minor = 8 }, access);
        Assert.Equal(type, Assert.Single(linux.Devices).Type);
        IReadOnlyList<DeviceRule> rules = linux.Resources?.Devices ?? [];
        Assert.Equal(ruled is null ? [] : [new DeviceRule { Allow = true, Type = ruled, Major = 7, Minor = 8, Access = access }], rules);
    }

    [Fact]
    public void A_mount_comes_before_those_in_it_and_equals_stay_in_order() => Assert.Equal(
        ["/", "/b", "/a/", "/b/c", "/a/d"],
        SpecEdits.InOrder(new[] { "/b/c", "/b", "/a/", "/a/d", "/" }.Select(path => new Mount { Destination = path })).Select(mount => mount.Destination));
}
