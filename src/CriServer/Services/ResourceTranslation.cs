using CriRuntime.CriServer.Specs;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>LinuxContainerResources, both ways.</summary>
internal static class ResourceTranslation
{
    public static ContainerResources ToDomain(this Cri.LinuxContainerResources resources) => new()
    {
        CpuPeriod = resources.CpuPeriod,
        CpuQuota = resources.CpuQuota,
        CpuShares = resources.CpuShares,
        MemoryLimit = resources.MemoryLimitInBytes,
        MemorySwapLimit = resources.MemorySwapLimitInBytes,
        OomScoreAdj = resources.OomScoreAdj,
        CpusetCpus = resources.CpusetCpus,
        CpusetMems = resources.CpusetMems,
        HugepageLimits = [.. resources.HugepageLimits.Select(limit => new HugepageLimit(limit.PageSize, limit.Limit))],
        Unified = resources.Unified.ToDomain(),
    };

    public static Cri.LinuxContainerResources ToCri(this ContainerResources resources) => new()
    {
        CpuPeriod = resources.CpuPeriod,
        CpuQuota = resources.CpuQuota,
        CpuShares = resources.CpuShares,
        MemoryLimitInBytes = resources.MemoryLimit,
        MemorySwapLimitInBytes = resources.MemorySwapLimit,
        OomScoreAdj = resources.OomScoreAdj,
        CpusetCpus = resources.CpusetCpus,
        CpusetMems = resources.CpusetMems,
        HugepageLimits = { resources.HugepageLimits.Select(limit => new Cri.HugepageLimit { PageSize = limit.PageSize, Limit = limit.Limit }) },
        Unified = { resources.Unified },
    };
}
