using System.Globalization;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>net_prio.ifpriomap.</summary>
internal sealed class NetPrioController : Controller
{
    internal override string Name => "net_prio";

    internal override string? Requested(LinuxResources resources) =>
        resources.Network?.Priorities.Count > 0 ? "linux.resources.network.priorities" : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        foreach (InterfacePriority priority in resources.Network!.Priorities)
            settings.Set("net_prio.ifpriomap", string.Create(CultureInfo.InvariantCulture, $"{priority.Name} {priority.Priority}"));
    }
}
