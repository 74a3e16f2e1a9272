namespace CriRuntime.CriServer.Specs;

/// <summary>
/// The CRI's LinuxContainerResources, with its convention that 0 and the empty string mean "not set".
/// </summary>
public sealed record ContainerResources
{
    /// <summary>CFS period in microseconds.</summary>
    public long CpuPeriod { get; init; }

    /// <summary>CFS quota in microseconds per period; negative: no limit.</summary>
    public long CpuQuota { get; init; }

    public long CpuShares { get; init; }

    /// <summary>In bytes.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>Memory plus swap in bytes, as in cgroup v1.</summary>
    public long MemorySwapLimit { get; init; }

    /// <summary>-1000 to 1000.</summary>
    public long OomScoreAdj { get; init; }

    public string CpusetCpus { get; init; } = "";

    public string CpusetMems { get; init; } = "";

    public IReadOnlyList<HugepageLimit> HugepageLimits { get; init; } = [];

    /// <summary>cgroup v2 files and what is written to them.</summary>
    public SortedDictionary<string, string> Unified { get; init; } = new(StringComparer.Ordinal);
}

/// <param name="PageSize">As the kernel names it, e.g. <c>2MB</c>.</param>
/// <param name="Limit">In bytes.</param>
public sealed record HugepageLimit(string PageSize, ulong Limit);
