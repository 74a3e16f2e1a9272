using CriRuntime.Oci.Cgroups.Stats;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Stats;

/// <summary>A cgroup's figures as the CRI has them.</summary>
internal static class StatsTranslation
{
    internal static Cri.CpuUsage? ToCpu(this CgroupStats stats, ulong? nanoCores) => stats.Cpu is not { } cpu ? null : new Cri.CpuUsage
    {
        Timestamp = stats.Timestamp,
        UsageCoreNanoSeconds = Value(cpu.UsageNanoseconds),
        UsageNanoCores = nanoCores is { } rate ? Value(rate) : null,
        Psi = stats.CpuPressure.ToPsi(),
    };

    internal static Cri.MemoryUsage? ToMemory(this CgroupStats stats) => stats.Memory is not { } memory ? null : new Cri.MemoryUsage
    {
        Timestamp = stats.Timestamp,
        UsageBytes = Value(memory.Usage),
        WorkingSetBytes = Value(memory.WorkingSet),
        RssBytes = Value(memory.Rss),
        PageFaults = Value(memory.PageFaults),
        MajorPageFaults = Value(memory.MajorPageFaults),
        AvailableBytes = memory.Limit is { } limit ? Value(limit > memory.WorkingSet ? limit - memory.WorkingSet : 0) : null,
        Psi = stats.MemoryPressure.ToPsi(),
    };

    internal static Cri.SwapUsage? ToSwap(this CgroupStats stats) => stats.Memory?.SwapUsage is not { } used ? null : new Cri.SwapUsage
    {
        Timestamp = stats.Timestamp,
        SwapUsageBytes = Value(used),
        SwapAvailableBytes = stats.Memory?.SwapLimit is { } limit ? Value(limit > used ? limit - used : 0) : null,
    };

    internal static Cri.IoUsage? ToIo(this CgroupStats stats) => stats.IoPressure is null ? null : new Cri.IoUsage
    {
        Timestamp = stats.Timestamp,
        Psi = stats.IoPressure.ToPsi(),
    };

    internal static Cri.ProcessUsage? ToProcesses(this CgroupStats stats) => stats.Pids is not { } pids ? null : new Cri.ProcessUsage
    {
        Timestamp = stats.Timestamp,
        ProcessCount = Value(pids.Current),
    };

    internal static Cri.UInt64Value Value(ulong value) => new() { Value = value };

    private static Cri.PsiStats? ToPsi(this PressureStats? pressure) => pressure is not { } both ? null : new Cri.PsiStats
    {
        Some = Line(both.Some),
        Full = Line(both.Full),
    };

    /// <summary>The CRI's total is in nanoseconds, the kernel's in microseconds.</summary>
    private static Cri.PsiData Line(PressureLine line) => new()
    {
        Total = line.TotalMicroseconds * 1000,
        Avg10 = line.Avg10,
        Avg60 = line.Avg60,
        Avg300 = line.Avg300,
    };
}
