using Google.Protobuf.Collections;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Collects the metrics of one pod or container: all with its labels, and of one moment.</summary>
/// <param name="labels">The values of <see cref="MetricLabels.Keys"/>.</param>
/// <param name="timestamp">Nanoseconds since the epoch.</param>
internal sealed class MetricRows(string[] labels, long timestamp, RepeatedField<Cri.Metric> rows)
{
    /// <summary>The CRI's metrics are whole numbers, and these are named for seconds.</summary>
    internal const ulong NanosecondsPerSecond = 1_000_000_000;

    internal long Timestamp => timestamp;

    /// <param name="extra">The values of the definition's extra labels: as many, in that order.</param>
    internal void Add(MetricDefinition definition, ulong value, params ReadOnlySpan<string> extra)
    {
        Cri.Metric metric = new()
        {
            Name = definition.Name,
            Timestamp = timestamp,
            MetricType = definition.Type,
            Value = new Cri.UInt64Value { Value = value },
        };
        metric.LabelValues.Capacity = labels.Length + extra.Length;
        metric.LabelValues.AddRange(labels);
        foreach (string one in extra)
            metric.LabelValues.Add(one);
        rows.Add(metric);
    }
}
