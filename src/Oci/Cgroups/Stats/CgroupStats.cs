namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>A reading of a container's cgroups. Null means that this host has no such figure, or that the cgroup is gone.</summary>
public sealed record CgroupStats
{
    /// <summary>Nanoseconds since the Unix epoch, taken after the files were read.</summary>
    public required long Timestamp { get; init; }

    public CpuStats? Cpu { get; init; }

    public MemoryStats? Memory { get; init; }

    public PidsStats? Pids { get; init; }

    public IoStats? Io { get; init; }

    public IReadOnlyList<DeviceIoStats>? IoDevices { get; init; }

    public IReadOnlyList<HugetlbStats>? Hugetlb { get; init; }

    public PressureStats? CpuPressure { get; init; }

    public PressureStats? MemoryPressure { get; init; }

    public PressureStats? IoPressure { get; init; }
}

/// <summary>CPU time since the cgroup was made, in nanoseconds.</summary>
/// <param name="ThrottledPeriods">Periods in which the quota ran out. On v1 everything but the usage is 0 unless <see cref="StatsParts.Throttling"/> was asked for.</param>
public readonly record struct CpuStats(ulong UsageNanoseconds, ulong UserNanoseconds, ulong SystemNanoseconds, ulong Periods, ulong ThrottledPeriods, ulong ThrottledNanoseconds);

/// <summary>Memory in bytes; faults since the cgroup was made.</summary>
/// <param name="WorkingSet">Usage less inactive file pages, never below 0: what the kubelet evicts by.</param>
/// <param name="Limit">Null for none.</param>
/// <param name="SwapUsage">Swap alone; null without swap accounting.</param>
/// <param name="SwapLimit">Swap alone; null for none.</param>
public readonly record struct MemoryStats(
    ulong Usage, ulong WorkingSet, ulong Rss, ulong PageFaults, ulong MajorPageFaults, ulong? Limit, ulong? SwapUsage, ulong? SwapLimit)
{
    /// <summary>Null unless <see cref="StatsParts.MemoryDetail"/> was asked for.</summary>
    public MemoryDetailStats? Detail { get; init; }
}

/// <summary>Bytes, and counts since the cgroup was made.</summary>
/// <param name="Kernel">Null where the kernel does not say.</param>
/// <param name="Peak">The largest usage; null where the kernel does not say.</param>
/// <param name="LimitHits">How often the limit was reached.</param>
/// <param name="OwnPageFaults">Without the cgroups below; v2 does not tell them apart.</param>
public readonly record struct MemoryDetailStats(
    ulong Cache, ulong MappedFile, ulong? Kernel, ulong? Peak, ulong LimitHits, ulong OomKills, ulong OwnPageFaults, ulong OwnMajorPageFaults);

/// <summary>Tasks.</summary>
/// <param name="Limit">Null for none.</param>
public readonly record struct PidsStats(ulong Current, ulong? Limit);

/// <summary>Bytes and operations over all block devices.</summary>
public readonly record struct IoStats(ulong ReadBytes, ulong WriteBytes, ulong ReadOperations, ulong WriteOperations);

/// <summary>Bytes and operations of one block device.</summary>
public readonly record struct DeviceIoStats(uint Major, uint Minor, IoStats Figures);

/// <summary>Huge pages in bytes.</summary>
/// <param name="PageSize">As the kernel names it, e.g. <c>2MB</c>.</param>
/// <param name="Peak">The largest usage; null on v2, which does not record it.</param>
public readonly record struct HugetlbStats(string PageSize, ulong Usage, ulong? Peak);

/// <summary>Pressure (Documentation/accounting/psi.rst).</summary>
public readonly record struct PressureStats(PressureLine Some, PressureLine Full);

/// <summary>Percentages of time stalled over the last 10, 60 and 300 seconds, and microseconds stalled in all.</summary>
public readonly record struct PressureLine(double Avg10, double Avg60, double Avg300, ulong TotalMicroseconds);
