using System.Collections.Immutable;

namespace CriRuntime.Oci.Cgroups.Controllers;

/// <summary>All controllers of each version. Which version serves a resource is decided by the hierarchy that has the controller.</summary>
internal static class ControllerSet
{
    private static readonly ImmutableArray<Controller> V1Controllers =
    [
        new V1.CpusetController(), new V1.CpuController(), new V1.MemoryController(), new V1.PidsController(),
        new V1.DevicesController(), new V1.BlkioController(), new V1.HugetlbController(), new V2.RdmaController(),
        new V1.NetClsController(), new V1.NetPrioController(),
    ];

    private static readonly ImmutableArray<Controller> V2Controllers =
    [
        new V2.CpusetController(), new V2.CpuController(), new V2.MemoryController(), new V2.PidsController(),
        new V2.IoController(), new V2.HugetlbController(), new V2.RdmaController(),
    ];

    /// <summary>Those of all versions.</summary>
    internal static ImmutableArray<Controller> Known { get; } = [.. V1Controllers, .. V2Controllers];

    internal static ImmutableArray<Controller> Of(CgroupVersion version) =>
        version == CgroupVersion.V1 ? V1Controllers : V2Controllers;
}
