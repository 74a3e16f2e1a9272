using System.Collections.Immutable;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Metrics;

/// <summary>A row of the table of metrics: cAdvisor's name, and the labels that it has beyond <see cref="MetricLabels.Keys"/>.</summary>
internal sealed record MetricDefinition(string Name, Cri.MetricType Type, string Help, ImmutableArray<string> ExtraLabels)
{
    internal static MetricDefinition Counter(string name, string help, params ImmutableArray<string> extraLabels) =>
        new(name, Cri.MetricType.Counter, help, extraLabels);

    internal static MetricDefinition Gauge(string name, string help, params ImmutableArray<string> extraLabels) =>
        new(name, Cri.MetricType.Gauge, help, extraLabels);

    internal Cri.MetricDescriptor ToDescriptor() => new() { Name = Name, Help = Help, LabelKeys = { MetricLabels.Keys, ExtraLabels } };
}
