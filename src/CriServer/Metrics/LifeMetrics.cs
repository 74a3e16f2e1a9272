using System.Collections.Immutable;
using CriRuntime.CriServer.Containers;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>When the container began, and that it is still there. Seconds since the epoch.</summary>
internal static class LifeMetrics
{
    private static readonly MetricDefinition StartTime = Gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds.");
    private static readonly MetricDefinition LastSeen = Gauge("container_last_seen", "Last time the container was seen by the runtime.");

    internal static ImmutableArray<MetricDefinition> All { get; } = [StartTime, LastSeen];

    /// <summary>A container that is not started yet began when it was created.</summary>
    internal static void AddTo(MetricRows rows, Container container)
    {
        rows.Add(StartTime, (ulong)(container.StartedAt > 0 ? container.StartedAt : container.CreatedAt) / MetricRows.NanosecondsPerSecond);
        rows.Add(LastSeen, (ulong)rows.Timestamp / MetricRows.NanosecondsPerSecond);
    }
}
