using System.Collections.Immutable;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Processes, threads and what they hold open.</summary>
internal static class ProcessMetrics
{
    private static readonly MetricDefinition Processes = Gauge("container_processes", "Number of processes running inside the container.");
    private static readonly MetricDefinition Threads = Gauge("container_threads", "Number of threads running inside the container.");
    private static readonly MetricDefinition ThreadsMax =
        Gauge("container_threads_max", "Maximum number of threads allowed inside the container, infinity if value is zero.");
    private static readonly MetricDefinition Descriptors = Gauge("container_file_descriptors", "Number of open file descriptors for the container.");
    private static readonly MetricDefinition Sockets = Gauge("container_sockets", "Number of open sockets for the container.");
    private static readonly MetricDefinition Limits = Gauge("container_ulimits_soft", "Soft ulimit values of the container's init process; none for unlimited.", "ulimit");

    internal static ImmutableArray<MetricDefinition> All { get; } = [Processes, Threads, ThreadsMax, Descriptors, Sockets, Limits];

    /// <summary>Without the pids controller threads are not counted, but each process has one at least.</summary>
    internal static void AddTo(MetricRows rows, CgroupStats stats, ProcessFigures figures)
    {
        rows.Add(Processes, (ulong)figures.Processes);
        rows.Add(Threads, stats.Pids?.Current ?? (ulong)figures.Processes);
        rows.Add(ThreadsMax, stats.Pids?.Limit ?? 0);
        rows.Add(Descriptors, (ulong)figures.Descriptors);
        rows.Add(Sockets, (ulong)figures.Sockets);
        if (figures.OpenFilesLimit is { } limit)
            rows.Add(Limits, limit, "max_open_files");
    }
}
