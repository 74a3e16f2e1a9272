using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;

namespace CriRuntime.CriServer.Tests.Lsm;

public sealed class SelinuxLabelTests
{
    [Theory]
    [InlineData("s0")]
    [InlineData("s0:c4,c5")]
    [InlineData("s0:c0.c1023")]
    [InlineData("s0-s15")]
    [InlineData("s0-s0:c0.c1023")]
    [InlineData("s0:c1,c2-s0:c0.c1023")]
    [InlineData("s0:c1.c3,c5,c7.c9")]
    public void A_level_is_a_range_of_sensitivities_with_categories(string level) => Assert.True(SelinuxLevel.IsValid(level));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("c4")]
    [InlineData("s0,c4,c5")]
    [InlineData("s0:")]
    [InlineData("s0:c")]
    [InlineData("s0:c1,")]
    [InlineData("s0:c1.c2.c3")]
    [InlineData("s0-s1-s2")]
    [InlineData("s0:c1:c2")]
    [InlineData("s0\n")]
    [InlineData("s0\",mode=0777")]
    public void Anything_else_is_none(string level) => Assert.False(SelinuxLevel.IsValid(level));

    [Fact]
    public void A_label_has_four_parts_and_may_have_categories()
    {
        Assert.True(SelinuxLabel.TryParse("system_u:system_r:container_t:s0:c1,c2", out SelinuxLabel? label));
        Assert.Equal(new SelinuxLabel("system_u", "system_r", "container_t", "s0:c1,c2"), label);
        Assert.Equal("system_u:system_r:container_t:s0:c1,c2", label.ToString());
    }

    [Theory]
    [InlineData("system_u:system_r:container_t")]
    [InlineData(":r:t:s0")]
    [InlineData("u:r:t t:s0")]
    [InlineData("u:r:t:nonsense")]
    public void What_is_no_label_is_not_read_as_one(string text) => Assert.False(SelinuxLabel.TryParse(text, out _));

    [Fact]
    public void Options_replace_the_parts_that_they_name()
    {
        SelinuxLabel process = new("system_u", "system_r", "container_t", "s0:c1,c2");
        SelinuxLabel files = new("system_u", "object_r", "container_file_t", "s0:c1,c2");
        SelinuxOptions options = new("", "", "spc_t", "s0:c4,c5");
        Assert.Equal("system_u:system_r:spc_t:s0:c4,c5", options.OnProcess(process).ToString());
        Assert.Equal("system_u:object_r:container_file_t:s0:c4,c5", options.OnFiles(files).ToString());
    }

    [Theory]
    [InlineData("u:r", "", "", "", "user")]
    [InlineData("", "r,context=x", "", "", "role")]
    [InlineData("", "", "\"", "", "type")]
    [InlineData("", "", "", "s0,c4,c5", "level")]
    public void Options_that_are_no_parts_of_a_label_are_refused_by_name(string user, string role, string type, string level, string part)
    {
        CriException e = Assert.Throws<CriException>(() => new SelinuxOptions(user, role, type, level).Check("selinux_options"));
        Assert.Equal(CriErrorKind.InvalidArgument, e.Kind);
        Assert.Contains($"selinux_options.{part} ", e.Message, StringComparison.Ordinal);
    }
}
