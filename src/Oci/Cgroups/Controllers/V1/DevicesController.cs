using CriRuntime.Oci.Cgroups.Devices;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>devices.allow and devices.deny; always applied, for a container without rules may use the default devices only.</summary>
internal sealed class DevicesController : Controller
{
    internal override string Name => "devices";

    internal override string Requested(LinuxResources resources) => "linux.resources.devices";

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        DeviceExceptions exceptions = DeviceExceptions.From(DeviceRules.WithDefaults(resources.Devices));
        settings.Set(exceptions.DefaultAllow ? "devices.allow" : "devices.deny", "a");
        string file = exceptions.DefaultAllow ? "devices.deny" : "devices.allow";
        foreach (string line in exceptions.Lines())
            settings.Set(file, line);
    }
}
