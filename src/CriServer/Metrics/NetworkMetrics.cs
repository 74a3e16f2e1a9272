using System.Collections.Immutable;
using CriRuntime.CriServer.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>A pod's traffic by interface: of the pod, for its containers share the network.</summary>
internal static class NetworkMetrics
{
    private const string Label = "interface";

    private static readonly Direction Received = new("receive", "received", "receiving");
    private static readonly Direction Sent = new("transmit", "transmitted", "transmitting");

    internal static ImmutableArray<MetricDefinition> All { get; } = [.. Received.All, .. Sent.All];

    internal static void AddTo(MetricRows rows, IReadOnlyList<InterfaceCounters> interfaces)
    {
        foreach (InterfaceCounters one in interfaces)
        {
            Received.AddTo(rows, one.Received, one.Name);
            Sent.AddTo(rows, one.Sent, one.Name);
        }
    }

    private sealed class Direction(string verb, string past, string present)
    {
        private readonly MetricDefinition _bytes = Counter($"container_network_{verb}_bytes_total", $"Cumulative count of bytes {past}.", Label);
        private readonly MetricDefinition _packets = Counter($"container_network_{verb}_packets_total", $"Cumulative count of packets {past}.", Label);
        private readonly MetricDefinition _dropped =
            Counter($"container_network_{verb}_packets_dropped_total", $"Cumulative count of packets dropped while {present}.", Label);
        private readonly MetricDefinition _errors = Counter($"container_network_{verb}_errors_total", $"Cumulative count of errors encountered while {present}.", Label);

        internal ImmutableArray<MetricDefinition> All => [_bytes, _packets, _dropped, _errors];

        internal void AddTo(MetricRows rows, InterfaceTraffic traffic, string name)
        {
            rows.Add(_bytes, traffic.Bytes, name);
            rows.Add(_packets, traffic.Packets, name);
            rows.Add(_dropped, traffic.Dropped, name);
            rows.Add(_errors, traffic.Errors, name);
        }
    }
}
