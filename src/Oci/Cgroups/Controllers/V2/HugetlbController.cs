using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>hugetlb.&lt;size&gt;.max, and the limit of reservations where the kernel has it (5.7).</summary>
internal sealed class HugetlbController : Controller
{
    internal override string Name => "hugetlb";

    internal override string? Requested(LinuxResources resources) =>
        resources.HugepageLimits.Count > 0 ? "linux.resources.hugepageLimits" : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        foreach (HugepageLimit limit in resources.HugepageLimits)
        {
            string value = limit.Limit.ToString(System.Globalization.CultureInfo.InvariantCulture);
            settings.Set($"hugetlb.{limit.PageSize}.max", value);
            settings.TrySet($"hugetlb.{limit.PageSize}.rsvd.max", value);
        }
    }
}
