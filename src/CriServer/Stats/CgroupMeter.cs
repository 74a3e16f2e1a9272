using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;

namespace CriRuntime.CriServer.Stats;

/// <summary>One cgroup's reader, with its paths ready, and its CPU rate.</summary>
internal sealed class CgroupMeter(CgroupHierarchy hierarchy, string cgroupPath)
{
    private readonly StatsReader _reader = new(CgroupPlacement.For(hierarchy, cgroupPath));
    private readonly CpuRate _rate = new();

    internal (CgroupStats Stats, ulong? NanoCores) Read(StatsParts parts = StatsParts.Container)
    {
        CgroupStats stats = _reader.Read(parts);
        return (stats, stats.Cpu is { } cpu ? _rate.Update(cpu.UsageNanoseconds, stats.Timestamp) : null);
    }
}
