using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;

namespace CriRuntime.Oci.Tests.Cgroups.Systemd;

public sealed class SliceNameTests
{
    [Theory]
    [InlineData("-.slice", "/")]
    [InlineData("system.slice", "/system.slice")]
    [InlineData("a-b.slice", "/a.slice/a-b.slice")]
    [InlineData("kubepods-burstable-pod1_2.slice", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice")]
    [InlineData("memory.slice", "/_memory.slice")]
    [InlineData("_x.slice", "/__x.slice")]
    public void Each_dash_is_a_level(string slice, string path) => Assert.Equal(path, SliceName.Expand(slice));

    [Theory]
    [InlineData("")]
    [InlineData(".slice")]
    [InlineData("a")]
    [InlineData("a.scope")]
    [InlineData("-a.slice")]
    [InlineData("a-.slice")]
    [InlineData("a--b.slice")]
    [InlineData("a/b.slice")]
    [InlineData("..%2f.slice")]
    [InlineData("a b.slice")]
    [InlineData("a\n.slice")]
    public void What_is_no_slice_is_refused(string slice) => Assert.Throws<CgroupException>(() => SliceName.Expand(slice));

    [Fact]
    public void A_name_longer_than_a_unit_may_have_is_refused() => Assert.Throws<CgroupException>(() => SliceName.Expand(new string('a', 300) + ".slice"));

    [Theory]
    [InlineData("a-b.slice", "a-b.slice")]
    [InlineData("/a.slice/a-b.slice", "a-b.slice")]
    [InlineData("/system.slice", "system.slice")]
    [InlineData("/_memory.slice", "memory.slice")]
    public void A_slice_is_named_by_itself_or_by_its_path(string text, string slice) => Assert.Equal(slice, SliceName.Parse(text));

    [Theory]
    [InlineData("/a-b.slice")]
    [InlineData("a.slice/a-b.slice")]
    [InlineData("/b.slice/a-b.slice")]
    [InlineData("/../a.slice")]
    [InlineData("/kubepods/pod1")]
    [InlineData("/a.slice/")]
    public void A_path_that_no_slice_has_is_refused(string text) => Assert.Throws<CgroupException>(() => SliceName.Parse(text));
}
