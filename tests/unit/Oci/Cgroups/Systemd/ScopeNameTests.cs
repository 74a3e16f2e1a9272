using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;

namespace CriRuntime.Oci.Tests.Cgroups.Systemd;

public sealed class ScopeNameTests
{
    [Theory]
    [InlineData("system.slice:runc:c1", "system.slice", "runc-c1.scope", "/system.slice/runc-c1.scope")]
    [InlineData("kubepods-burstable-pod1.slice:cri:c1", "kubepods-burstable-pod1.slice", "cri-c1.scope", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-c1.scope")]
    [InlineData(":runc:c1", "system.slice", "runc-c1.scope", "/system.slice/runc-c1.scope")]
    [InlineData("a.slice::c1", "a.slice", "c1.scope", "/a.slice/c1.scope")]
    [InlineData("-.slice:p:c1", "-.slice", "p-c1.scope", "/p-c1.scope")]
    [InlineData("a.slice::memory", "a.slice", "memory.scope", "/a.slice/_memory.scope")]
    public void Slice_prefix_and_name_are_a_scope_in_a_slice(string cgroupsPath, string slice, string unit, string cgroup)
    {
        ScopeName name = ScopeName.Parse(cgroupsPath);
        Assert.Equal((slice, unit, cgroup), (name.Slice, name.Unit, name.CgroupPath));
    }

    [Theory]
    [InlineData("/pods/c1", "slice:prefix:name")]
    [InlineData("c1", "slice:prefix:name")]
    [InlineData("a:b:c:d", "slice:prefix:name")]
    [InlineData("a.slice:p:", "names no scope")]
    [InlineData("a.slice:p:c.slice", "a container is a scope")]
    [InlineData("nothing:p:c", "is not the name of a slice")]
    [InlineData("../a.slice:p:c", "is not the name of a slice")]
    [InlineData("a.slice:p/..:c", "no name of a unit")]
    [InlineData("a.slice:p:c@1", "no name of a unit")]
    [InlineData("a.slice:p:c\n", "no name of a unit")]
    public void Anything_else_is_refused_in_words(string cgroupsPath, string words)
    {
        CgroupException refused = Assert.Throws<CgroupException>(() => ScopeName.Parse(cgroupsPath));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.Contains("linux.cgroupsPath", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_longer_than_a_unit_may_have_is_refused() => Assert.Throws<CgroupException>(() => ScopeName.Parse($"a.slice:p:{new string('c', 300)}"));

    [Theory]
    [InlineData("252.39-1~deb12u2", 252)]
    [InlineData("v256", 256)]
    [InlineData("249", 249)]
    [InlineData("", 0)]
    public void Systemd_s_release_is_the_number_at_the_front(string text, int release) => Assert.Equal(release, SystemdRelease.Parse(text));
}
