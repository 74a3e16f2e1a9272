using System.Collections.Immutable;
using System.Globalization;
using CriRuntime.CriServer.Specs;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>What the container was given, as the CRI asked for it; 0 bytes for no limit.</summary>
internal static class SpecMetrics
{
    /// <summary>The kernel's own choices, in force where the CRI says nothing.</summary>
    private const ulong DefaultPeriod = 100_000;
    private const ulong DefaultShares = 1024;

    private static readonly MetricDefinition Period = Gauge("container_spec_cpu_period", "CPU period of the container in microseconds.");
    private static readonly MetricDefinition Quota = Gauge("container_spec_cpu_quota", "CPU quota of the container in microseconds per period; none without a quota.");
    private static readonly MetricDefinition Shares = Gauge("container_spec_cpu_shares", "CPU share of the container.");
    private static readonly MetricDefinition MemoryLimit = Gauge("container_spec_memory_limit_bytes", "Memory limit for the container.");
    private static readonly MetricDefinition SwapLimit = Gauge("container_spec_memory_swap_limit_bytes", "Limit of memory and swap together for the container.");
    private static readonly MetricDefinition Reservation = Gauge("container_spec_memory_reservation_limit_bytes", "Memory reservation limit for the container.");

    internal static ImmutableArray<MetricDefinition> All { get; } = [Period, Quota, Shares, MemoryLimit, SwapLimit, Reservation];

    internal static void AddTo(MetricRows rows, ContainerResources resources)
    {
        rows.Add(Period, resources.CpuPeriod > 0 ? (ulong)resources.CpuPeriod : DefaultPeriod);
        if (resources.CpuQuota > 0)
            rows.Add(Quota, (ulong)resources.CpuQuota);
        rows.Add(Shares, resources.CpuShares > 0 ? (ulong)resources.CpuShares : DefaultShares);
        rows.Add(MemoryLimit, (ulong)Math.Max(0, resources.MemoryLimit));
        rows.Add(SwapLimit, (ulong)Math.Max(0, resources.MemorySwapLimit));
        rows.Add(Reservation, ReservationOf(resources));
    }

    /// <summary>The kubelet reserves memory by cgroup v2's memory.min.</summary>
    private static ulong ReservationOf(ContainerResources resources) =>
        resources.Unified.TryGetValue("memory.min", out string? text) && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes) ? bytes : 0;
}
