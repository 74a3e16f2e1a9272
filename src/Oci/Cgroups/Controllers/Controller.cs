using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers;

/// <summary>One controller in one version of the interface: which part of the OCI resources it serves, and as which files.</summary>
internal abstract class Controller
{
    /// <summary>The kernel's name, as in cgroup.controllers or /proc/self/cgroup.</summary>
    internal abstract string Name { get; }

    /// <summary>The JSON field asked for, such as <c>linux.resources.pids</c>; null when nothing of this controller is asked for.</summary>
    internal abstract string? Requested(LinuxResources resources);

    /// <summary>Adds the writes, in the order in which the kernel takes them on a fresh cgroup.</summary>
    internal abstract void Apply(LinuxResources resources, SettingList settings);
}
