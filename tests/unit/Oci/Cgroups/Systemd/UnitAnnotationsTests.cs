using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;

namespace CriRuntime.Oci.Tests.Cgroups.Systemd;

public sealed class UnitAnnotationsTests
{
    [Fact]
    public void Values_are_of_the_type_that_they_are_written_in()
    {
        Assert.Equal(new UnitProperty.Text("CollectMode", "inactive"), Parse("CollectMode", "'inactive'"));
        Assert.Equal(new UnitProperty.Text("Description", "it's"), Parse("Description", "\"it's\""));
        Assert.Equal(new UnitProperty.Flag("SendSIGHUP", true), Parse("SendSIGHUP", "true"));
        Assert.Equal(new UnitProperty.Integer("KillSignal", 15), Parse("KillSignal", "15"));
        Assert.Equal(new UnitProperty.Number("RuntimeMaxUSec", 18446744073709551615), Parse("RuntimeMaxUSec", "uint64 18446744073709551615"));
        Assert.Equal(new UnitProperty.Units("After", ["a.service", "b.service"]), Parse("After", "['a.service', \"b.service\"]"));
        Assert.Equal(new UnitProperty.Units("After", []), Parse("After", "[]"));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("uint64 5")]
    public void A_time_in_seconds_is_given_in_microseconds(string value) => Assert.Equal(new UnitProperty.Number("TimeoutStopUSec", 5_000_000), Parse("TimeoutStopSec", value));

    [Theory]
    [InlineData("Description", "words")]
    [InlineData("Description", "'a'b'")]
    [InlineData("Description", "'a\\'")]
    [InlineData("After", "[a]")]
    [InlineData("After", "['a', 5]")]
    [InlineData("CPUWeight", "uint64 -5")]
    [InlineData("CPUWeight", "3000000000")]
    [InlineData("TimeoutStopSec", "uint64 18446744073709551615")]
    [InlineData("description", "'lower'")]
    [InlineData("A-b", "'dash'")]
    [InlineData("", "'nothing'")]
    [InlineData("PIDs", "[]")]
    [InlineData("Slice", "'other.slice'")]
    [InlineData("Delegate", "false")]
    public void What_is_no_value_or_not_theirs_is_refused_by_name(string name, string value) =>
        Assert.Contains("org.systemd.property." + name, Assert.Throws<CgroupException>(() => Parse(name, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Other_annotations_are_not_for_systemd() =>
        Assert.Empty(UnitAnnotations.Parse(new Dictionary<string, string>(StringComparer.Ordinal) { ["org.systemd.other"] = "x", ["name"] = "'x'" }));

    private static UnitProperty Parse(string name, string value) =>
        Assert.Single(UnitAnnotations.Parse(new Dictionary<string, string>(StringComparer.Ordinal) { ["org.systemd.property." + name] = value }));
}
