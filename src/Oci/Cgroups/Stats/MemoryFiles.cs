namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>
/// v2: memory.current, memory.max, memory.swap.*, memory.stat. v1: memory.usage_in_bytes and memory.stat, which has the limits and the
/// swap too, so that two files do for it.
/// </summary>
internal sealed class MemoryFiles
{
    private readonly bool isV2;
    private readonly string usage;
    private readonly string stat;
    private readonly string limit;
    private readonly string swapUsage;
    private readonly string swapLimit;
    private readonly MemoryDetailFiles detail;

    internal MemoryFiles(CgroupDirectory directory)
    {
        isV2 = directory.Version == CgroupVersion.V2;
        usage = directory.Path + (isV2 ? "/memory.current" : "/memory.usage_in_bytes");
        stat = directory.Path + "/memory.stat";
        limit = directory.Path + "/memory.max";
        swapUsage = directory.Path + "/memory.swap.current";
        swapLimit = directory.Path + "/memory.swap.max";
        detail = new MemoryDetailFiles(directory);
    }

    internal MemoryStats? Read(byte[] buffer, bool withDetail)
    {
        if (!StatsReader.TryRead(usage, buffer, out ReadOnlySpan<byte> text))
            return null;
        ulong used = CgroupText.Number(text) ?? 0;
        MemoryDetails details = StatsReader.TryRead(stat, buffer, out text) ? MemoryDetails.Parse(text, isV2, withDetail) : default;
        var stats = new MemoryStats(
            used, Less(used, details.InactiveFile), details.Rss, details.Faults, details.MajorFaults, Limit: null, SwapUsage: null, SwapLimit: null);
        if (withDetail)
            stats = stats with { Detail = detail.Read(buffer, details) };
        return isV2 ? WithLimits(stats, buffer) : WithLimits(stats, details);
    }

    private MemoryStats WithLimits(MemoryStats stats, byte[] buffer) => stats with
    {
        Limit = StatsReader.TryRead(limit, buffer, out ReadOnlySpan<byte> text) ? CgroupText.Limit(text) : null,
        SwapUsage = StatsReader.TryRead(swapUsage, buffer, out text) ? CgroupText.Number(text) : null,
        SwapLimit = StatsReader.TryRead(swapLimit, buffer, out text) ? CgroupText.Limit(text) : null,
    };

    /// <summary>v1 limits memory and swap together; without swap accounting there is neither figure.</summary>
    private static MemoryStats WithLimits(MemoryStats stats, MemoryDetails details)
    {
        ulong? memory = CgroupText.Limited(details.HierarchicalLimit);
        ulong? both = CgroupText.Limited(details.HierarchicalBothLimit);
        return stats with
        {
            Limit = memory,
            SwapUsage = details.HierarchicalBothLimit == 0 ? null : details.Swap,
            SwapLimit = details.HierarchicalBothLimit != 0 && both is { } sum ? Less(sum, memory ?? 0) : null,
        };
    }

    private static ulong Less(ulong a, ulong b) => a > b ? a - b : 0;
}
