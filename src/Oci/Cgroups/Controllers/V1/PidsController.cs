using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>pids.max, as in v2.</summary>
internal sealed class PidsController : Controller
{
    internal override string Name => "pids";

    internal override string? Requested(LinuxResources resources) =>
        resources.Pids?.Limit is not (null or 0) ? "linux.resources.pids.limit" : null;

    internal override void Apply(LinuxResources resources, SettingList settings) =>
        settings.Set("pids.max", Conversion.Limit(resources.Pids!.Limit!.Value));
}
