using System.Collections.Immutable;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Pressure stall information, where the kernel has it and a v2 hierarchy is mounted.</summary>
internal static class PressureMetrics
{
    private const ulong MicrosecondsPerSecond = 1_000_000;

    private static readonly Resource Cpu = new("cpu", "CPU");
    private static readonly Resource Memory = new("memory", "memory");
    private static readonly Resource Io = new("io", "IO");

    internal static ImmutableArray<MetricDefinition> All { get; } = [.. Cpu.All, .. Memory.All, .. Io.All];

    internal static void AddTo(MetricRows rows, CgroupStats stats)
    {
        Cpu.AddTo(rows, stats.CpuPressure);
        Memory.AddTo(rows, stats.MemoryPressure);
        Io.AddTo(rows, stats.IoPressure);
    }

    /// <summary>Waiting: some task stood still. Stalled: all did.</summary>
    private sealed class Resource(string name, string cause)
    {
        private readonly MetricDefinition _waiting = Counter(
            $"container_pressure_{name}_waiting_seconds_total", $"Total time duration tasks in the container have waited due to {cause} congestion.");
        private readonly MetricDefinition _stalled = Counter(
            $"container_pressure_{name}_stalled_seconds_total", $"Total time duration no tasks in the container could make progress due to {cause} congestion.");

        internal ImmutableArray<MetricDefinition> All => [_waiting, _stalled];

        internal void AddTo(MetricRows rows, PressureStats? pressure)
        {
            if (pressure is not { } both)
                return;
            rows.Add(_waiting, both.Some.TotalMicroseconds / MicrosecondsPerSecond);
            rows.Add(_stalled, both.Full.TotalMicroseconds / MicrosecondsPerSecond);
        }
    }
}
