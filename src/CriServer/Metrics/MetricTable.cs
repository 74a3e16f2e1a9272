using System.Collections.Immutable;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Metrics;

/// <summary>All metrics there are: the names under which the kubelet publishes cAdvisor's figures, when those come from the CRI (KEP-2371).</summary>
internal static class MetricTable
{
    internal static readonly ImmutableArray<MetricDefinition> All =
    [
        .. CpuMetrics.All,
        .. MemoryMetrics.All,
        .. HugepageMetrics.All,
        .. FileSystemMetrics.All,
        .. BlockDeviceMetrics.All,
        .. NetworkMetrics.All,
        .. ProcessMetrics.All,
        .. PressureMetrics.All,
        .. SpecMetrics.All,
        .. LifeMetrics.All,
    ];

    /// <summary>The same answer for everyone; not to be changed.</summary>
    internal static readonly Cri.ListMetricDescriptorsResponse Descriptors = new() { Descriptors = { All.Select(static definition => definition.ToDescriptor()) } };
}
