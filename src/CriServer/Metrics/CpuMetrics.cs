using System.Collections.Immutable;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>CPU time, and what the quota held back.</summary>
internal static class CpuMetrics
{
    private static readonly MetricDefinition Usage = Counter("container_cpu_usage_seconds_total", "Cumulative CPU time consumed in seconds.", "cpu");
    private static readonly MetricDefinition UserTime = Counter("container_cpu_user_seconds_total", "Cumulative user CPU time consumed in seconds.");
    private static readonly MetricDefinition SystemTime = Counter("container_cpu_system_seconds_total", "Cumulative system CPU time consumed in seconds.");
    private static readonly MetricDefinition Periods = Counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals.");
    private static readonly MetricDefinition ThrottledPeriods = Counter("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals.");
    private static readonly MetricDefinition ThrottledTime = Counter("container_cpu_cfs_throttled_seconds_total", "Total time the container has been throttled, in seconds.");

    internal static ImmutableArray<MetricDefinition> All { get; } = [Usage, UserTime, SystemTime, Periods, ThrottledPeriods, ThrottledTime];

    internal static void AddTo(MetricRows rows, CgroupStats stats)
    {
        if (stats.Cpu is not { } cpu)
            return;
        rows.Add(Usage, cpu.UsageNanoseconds / MetricRows.NanosecondsPerSecond, "total");
        rows.Add(UserTime, cpu.UserNanoseconds / MetricRows.NanosecondsPerSecond);
        rows.Add(SystemTime, cpu.SystemNanoseconds / MetricRows.NanosecondsPerSecond);
        rows.Add(Periods, cpu.Periods);
        rows.Add(ThrottledPeriods, cpu.ThrottledPeriods);
        rows.Add(ThrottledTime, cpu.ThrottledNanoseconds / MetricRows.NanosecondsPerSecond);
    }
}
