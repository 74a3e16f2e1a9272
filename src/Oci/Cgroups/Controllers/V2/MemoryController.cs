using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>memory.max, memory.swap.max, memory.low. Kernel memory, swappiness and the OOM switch do not exist in v2.</summary>
internal sealed class MemoryController : Controller
{
    internal override string Name => "memory";

    internal override string? Requested(LinuxResources resources) =>
        resources.Memory is { } memory && (memory.Limit is not (null or 0) || memory.Swap is not (null or 0) || memory.Reservation is not (null or 0))
            ? "linux.resources.memory"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        MemoryResources memory = resources.Memory!;
        if (Conversion.SwapOnly(memory) is { } swap)
            SetSwap(settings, swap);
        if (memory.Limit is not (null or 0))
            settings.Set("memory.max", Conversion.Limit(memory.Limit.Value));
        if (memory.Reservation is not (null or 0))
            settings.Set("memory.low", Conversion.Limit(memory.Reservation.Value));
    }

    /// <summary>A kernel without swap accounting has no such file: unlimited and none are then as good as set.</summary>
    private static void SetSwap(SettingList settings, long swap)
    {
        if (swap is -1 or 0)
            settings.TrySet("memory.swap.max", Conversion.Limit(swap));
        else
            settings.Set("memory.swap.max", swap);
    }
}
