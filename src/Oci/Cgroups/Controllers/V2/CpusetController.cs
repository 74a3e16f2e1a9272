using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>cpuset.cpus, cpuset.mems; empty files mean the parent's.</summary>
internal sealed class CpusetController : Controller
{
    internal override string Name => "cpuset";

    internal override string? Requested(LinuxResources resources) =>
        !string.IsNullOrEmpty(resources.Cpu?.Cpus) ? "linux.resources.cpu.cpus"
        : !string.IsNullOrEmpty(resources.Cpu?.Mems) ? "linux.resources.cpu.mems"
        : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        if (!string.IsNullOrEmpty(resources.Cpu!.Cpus))
            settings.Set("cpuset.cpus", resources.Cpu.Cpus);
        if (!string.IsNullOrEmpty(resources.Cpu.Mems))
            settings.Set("cpuset.mems", resources.Cpu.Mems);
    }
}
