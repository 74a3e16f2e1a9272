using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Handlers;

/// <summary>A container's limits as another runtime takes them.</summary>
public static class BinaryLimits
{
    /// <summary>
    /// Without limits of huge pages where the binary has no controller for them: it would fail, and the kubelet limits every size as a matter of course. On a host that has
    /// v1 hierarchies it looks in those alone.
    /// </summary>
    public static LinuxResources For(LinuxResources limits, CgroupHierarchy cgroups) =>
        cgroups.Find("hugetlb")?.Version == cgroups.Version ? limits : limits with { HugepageLimits = [] };

    /// <summary>The same for a whole specification.</summary>
    public static Spec For(Spec spec, CgroupHierarchy cgroups) =>
        spec.Linux?.Resources is { } limits ? spec with { Linux = spec.Linux with { Resources = For(limits, cgroups) } } : spec;
}
