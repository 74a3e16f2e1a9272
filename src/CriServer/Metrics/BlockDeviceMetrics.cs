using System.Collections.Immutable;
using System.Globalization;
using CriRuntime.Oci.Cgroups.Stats;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Traffic with each block device; nothing for a container that has had none.</summary>
internal static class BlockDeviceMetrics
{
    private static readonly MetricDefinition ReadBytes = Counter("container_fs_reads_bytes_total", "Cumulative count of bytes read.", "device");
    private static readonly MetricDefinition Reads = Counter("container_fs_reads_total", "Cumulative count of reads completed.", "device");
    private static readonly MetricDefinition WriteBytes = Counter("container_fs_writes_bytes_total", "Cumulative count of bytes written.", "device");
    private static readonly MetricDefinition Writes = Counter("container_fs_writes_total", "Cumulative count of writes completed.", "device");
    private static readonly MetricDefinition Usage =
        Counter("container_blkio_device_usage_total", "Cumulative count of bytes by operation.", "device", "major", "minor", "operation");

    internal static ImmutableArray<MetricDefinition> All { get; } = [ReadBytes, Reads, WriteBytes, Writes, Usage];

    internal static void AddTo(MetricRows rows, CgroupStats stats)
    {
        foreach (DeviceIoStats device in stats.IoDevices ?? [])
        {
            string name = BlockDevices.NameOf(device.Major, device.Minor);
            string major = device.Major.ToString(CultureInfo.InvariantCulture);
            string minor = device.Minor.ToString(CultureInfo.InvariantCulture);
            rows.Add(ReadBytes, device.Figures.ReadBytes, name);
            rows.Add(Reads, device.Figures.ReadOperations, name);
            rows.Add(WriteBytes, device.Figures.WriteBytes, name);
            rows.Add(Writes, device.Figures.WriteOperations, name);
            rows.Add(Usage, device.Figures.ReadBytes, name, major, minor, "Read");
            rows.Add(Usage, device.Figures.WriteBytes, name, major, minor, "Write");
        }
    }
}
