using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>memory.limit_in_bytes, memory.memsw.limit_in_bytes and the rest of the v1 memory controller.</summary>
internal sealed class MemoryController : Controller
{
    internal override string Name => "memory";

    internal override string? Requested(LinuxResources resources) =>
        resources.Memory is { } memory && (memory.Limit is not (null or 0) || memory.Swap is not (null or 0) || memory.Reservation is not (null or 0)
            || memory.KernelTcp is not (null or 0) || memory.Swappiness is not null || memory.DisableOomKiller == true)
            ? "linux.resources.memory"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        MemoryResources memory = resources.Memory!;
        // The kernel demands limit <= memory + swap at every moment; on a fresh cgroup both are unlimited.
        if (memory.Limit is not (null or 0))
            settings.Set("memory.limit_in_bytes", memory.Limit.Value);
        SetSwap(memory, settings);
        if (memory.Reservation is not (null or 0))
            settings.Set("memory.soft_limit_in_bytes", memory.Reservation.Value);
        if (memory.KernelTcp is not (null or 0))
            settings.Set("memory.kmem.tcp.limit_in_bytes", memory.KernelTcp.Value);
        if (memory.Swappiness is { } swappiness)
            settings.Set("memory.swappiness", Percentage(swappiness));
        if (memory.DisableOomKiller == true)
            settings.Set("memory.oom_control", "1");
    }

    private static void SetSwap(MemoryResources memory, SettingList settings)
    {
        // Checks the combination of the two; v1 takes the sum as it is.
        if (Conversion.SwapOnly(memory) is not { } swap)
            return;
        if (swap == -1)
            settings.TrySet("memory.memsw.limit_in_bytes", "-1");
        else
            settings.Set("memory.memsw.limit_in_bytes", memory.Swap!.Value);
    }

    private static ulong Percentage(ulong swappiness) => swappiness <= 100
        ? swappiness
        : throw new CgroupException($"linux.resources.memory.swappiness ({swappiness}) is not in 0..100");
}
