using System.Collections.Immutable;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Huge pages by size, where the host has the controller.</summary>
internal static class HugepageMetrics
{
    private static readonly MetricDefinition Usage = Gauge("container_hugetlb_usage_bytes", "Current hugepage usage in bytes.", "pagesize");
    private static readonly MetricDefinition Peak = Gauge("container_hugetlb_max_usage_bytes", "Maximum hugepage usage recorded in bytes.", "pagesize");

    internal static ImmutableArray<MetricDefinition> All { get; } = [Usage, Peak];

    internal static void AddTo(MetricRows rows, CgroupStats stats)
    {
        foreach (HugetlbStats pages in stats.Hugetlb ?? [])
        {
            rows.Add(Usage, pages.Usage, pages.PageSize);
            if (pages.Peak is { } peak)
                rows.Add(Peak, peak, pages.PageSize);
        }
    }
}
