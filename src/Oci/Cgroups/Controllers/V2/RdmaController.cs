using System.Globalization;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>rdma.max, which is the same in v1.</summary>
internal sealed class RdmaController : Controller
{
    internal override string Name => "rdma";

    internal override string? Requested(LinuxResources resources) => resources.Rdma.Count > 0 ? "linux.resources.rdma" : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        foreach ((string device, RdmaLimit limit) in resources.Rdma)
        {
            string handles = limit.HcaHandles?.ToString(CultureInfo.InvariantCulture) ?? "max";
            string objects = limit.HcaObjects?.ToString(CultureInfo.InvariantCulture) ?? "max";
            settings.Set("rdma.max", $"{device} hca_handle={handles} hca_object={objects}");
        }
    }
}
