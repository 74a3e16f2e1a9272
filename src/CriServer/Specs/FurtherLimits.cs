using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Limits that the CRI has no words for, laid over those it has. What is null or empty is not wanted.</summary>
public static class FurtherLimits
{
    public static LinuxResources Over(LinuxResources limits, LinuxResources? further) => further is null ? limits : limits with
    {
        Memory = further.Memory is { } memory && memory != new MemoryResources() ? Over(limits.Memory ?? new MemoryResources(), memory) : limits.Memory,
        Cpu = further.Cpu is { } cpu && cpu != new CpuResources() ? Over(limits.Cpu ?? new CpuResources(), cpu) : limits.Cpu,
        Pids = further.Pids ?? limits.Pids,
        Devices = further.Devices.Count > 0 ? [.. limits.Devices, .. further.Devices] : limits.Devices,
    };

    private static MemoryResources Over(MemoryResources limits, MemoryResources further) => limits with
    {
        Reservation = further.Reservation ?? limits.Reservation,
        Kernel = further.Kernel ?? limits.Kernel,
        KernelTcp = further.KernelTcp ?? limits.KernelTcp,
        Swappiness = further.Swappiness ?? limits.Swappiness,
        DisableOomKiller = further.DisableOomKiller ?? limits.DisableOomKiller,
        UseHierarchy = further.UseHierarchy ?? limits.UseHierarchy,
    };

    private static CpuResources Over(CpuResources limits, CpuResources further) => limits with
    {
        RealtimeRuntime = further.RealtimeRuntime ?? limits.RealtimeRuntime,
        RealtimePeriod = further.RealtimePeriod ?? limits.RealtimePeriod,
    };
}
