using System.Collections.Immutable;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Memory in use, and what went wrong with it.</summary>
internal static class MemoryMetrics
{
    private static readonly MetricDefinition Cache = Gauge("container_memory_cache", "Number of bytes of page cache memory.");
    private static readonly MetricDefinition Rss = Gauge("container_memory_rss", "Size of RSS in bytes.");
    private static readonly MetricDefinition Kernel = Gauge("container_memory_kernel_usage", "Size of kernel memory allocated in bytes.");
    private static readonly MetricDefinition MappedFile = Gauge("container_memory_mapped_file", "Size of memory mapped files in bytes.");
    private static readonly MetricDefinition Swap = Gauge("container_memory_swap", "Container swap usage in bytes.");
    private static readonly MetricDefinition LimitHits = Counter("container_memory_failcnt", "Number of times memory usage reached the limit.");
    private static readonly MetricDefinition Usage = Gauge("container_memory_usage_bytes", "Current memory usage in bytes, including all memory regardless of when it was accessed.");
    private static readonly MetricDefinition Peak = Gauge("container_memory_max_usage_bytes", "Maximum memory usage recorded in bytes.");
    private static readonly MetricDefinition WorkingSet = Gauge("container_memory_working_set_bytes", "Current working set in bytes.");
    private static readonly MetricDefinition Faults = Counter("container_memory_failures_total", "Cumulative count of page faults.", "failure_type", "scope");
    private static readonly MetricDefinition OomEvents = Counter("container_oom_events_total", "Count of processes of the container that were killed for want of memory.");

    internal static ImmutableArray<MetricDefinition> All { get; } =
        [Cache, Rss, Kernel, MappedFile, Swap, LimitHits, Usage, Peak, WorkingSet, Faults, OomEvents];

    /// <summary>A figure that this kernel does not have is 0.</summary>
    internal static void AddTo(MetricRows rows, CgroupStats stats)
    {
        if (stats.Memory is not { } memory)
            return;
        MemoryDetailStats detail = memory.Detail ?? default;
        rows.Add(Cache, detail.Cache);
        rows.Add(Rss, memory.Rss);
        rows.Add(Kernel, detail.Kernel ?? 0);
        rows.Add(MappedFile, detail.MappedFile);
        rows.Add(Swap, memory.SwapUsage ?? 0);
        rows.Add(LimitHits, detail.LimitHits);
        rows.Add(Usage, memory.Usage);
        rows.Add(Peak, detail.Peak ?? 0);
        rows.Add(WorkingSet, memory.WorkingSet);
        rows.Add(Faults, detail.OwnPageFaults, "pgfault", "container");
        rows.Add(Faults, memory.PageFaults, "pgfault", "hierarchy");
        rows.Add(Faults, detail.OwnMajorPageFaults, "pgmajfault", "container");
        rows.Add(Faults, memory.MajorPageFaults, "pgmajfault", "hierarchy");
        rows.Add(OomEvents, detail.OomKills);
    }
}
