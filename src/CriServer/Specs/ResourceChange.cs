namespace CriRuntime.CriServer.Specs;

/// <summary>Resources that change while a container lives: what a request sets replaces what was, the rest stays.</summary>
public static class ResourceChange
{
    /// <summary>The resources after the request. Huge pages count by page size, unified settings by file.</summary>
    public static ContainerResources Merge(ContainerResources former, ContainerResources requested)
    {
        SortedDictionary<string, string> unified = new(former.Unified, StringComparer.Ordinal);
        foreach ((string file, string value) in requested.Unified)
            unified[file] = value;
        return new ContainerResources
        {
            CpuPeriod = Set(requested.CpuPeriod, former.CpuPeriod),
            CpuQuota = Set(requested.CpuQuota, former.CpuQuota),
            CpuShares = Set(requested.CpuShares, former.CpuShares),
            MemoryLimit = Set(requested.MemoryLimit, former.MemoryLimit),
            MemorySwapLimit = Set(requested.MemorySwapLimit, former.MemorySwapLimit),
            OomScoreAdj = Set(requested.OomScoreAdj, former.OomScoreAdj),
            CpusetCpus = requested.CpusetCpus.Length > 0 ? requested.CpusetCpus : former.CpusetCpus,
            CpusetMems = requested.CpusetMems.Length > 0 ? requested.CpusetMems : former.CpusetMems,
            HugepageLimits =
            [
                .. former.HugepageLimits.Where(old => requested.HugepageLimits.All(limit => limit.PageSize != old.PageSize)),
                .. requested.HugepageLimits,
            ],
            Unified = unified,
        };
    }

    /// <summary>
    /// What has to be written for the request. Quota and period are one limit, and so are memory and swap: where one of a pair
    /// is requested, the other comes along with its merged value.
    /// </summary>
    public static ContainerResources ToWrite(ContainerResources merged, ContainerResources requested)
    {
        bool bandwidth = requested.CpuQuota != 0 || requested.CpuPeriod != 0;
        bool memory = requested.MemoryLimit != 0 || requested.MemorySwapLimit != 0;
        return requested with
        {
            CpuPeriod = bandwidth ? merged.CpuPeriod : 0,
            CpuQuota = bandwidth ? merged.CpuQuota : 0,
            MemoryLimit = memory ? merged.MemoryLimit : 0,
            MemorySwapLimit = memory ? merged.MemorySwapLimit : 0,
        };
    }

    private static long Set(long requested, long former) => requested != 0 ? requested : former;
}
