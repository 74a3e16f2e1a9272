using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Tests.Cgroups;

public sealed class CgroupParentTests
{
    [Theory]
    [InlineData("kubepods-burstable-pod1.slice", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice", false)]
    [InlineData("/kubepods.slice/kubepods-pod1.slice", "/kubepods.slice/kubepods-pod1.slice", false)]
    [InlineData("", "/criruntime.slice/criruntime-podabc.slice", true)]
    public void With_systemd_a_pod_is_a_slice(string requested, string path, bool owned) =>
        Assert.Equal((path, owned), CgroupParent.Resolve(requested, "criruntime.slice", "abc", CgroupDriver.Systemd));

    [Fact]
    public void A_container_is_a_scope_directly_in_its_pod_s_slice() =>
        Assert.Equal("/a.slice/criruntime-c1.scope", CgroupParent.Container("/a.slice", "c1", CgroupDriver.Systemd));

    [Fact]
    public void Without_systemd_a_container_is_a_directory() => Assert.Equal("/a/c1", CgroupParent.Container("/a", "c1", CgroupDriver.Cgroupfs));
}
