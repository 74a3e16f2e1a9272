using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>What LinuxContainerResources must be in any request, whatever the node can do.</summary>
public static class ResourceRequest
{
    /// <summary>The kernel's bounds for a CFS period; a quota has the lower one too (min_cfs_quota_period, max_cfs_quota_period).</summary>
    private const long ShortestPeriod = 1_000;
    private const long LongestPeriod = 1_000_000;

    /// <summary>MAX_SHARES of Linux.</summary>
    private const long MostShares = 1 << 18;

    /// <param name="field">Where they are in the request, for messages: <c>resources</c>.</param>
    /// <exception cref="CriException">InvalidArgument naming the field.</exception>
    public static void Check(string field, ContainerResources resources)
    {
        if (resources.OomScoreAdj is < -1000 or > 1000)
            throw CriException.InvalidArgument($"{field}.oom_score_adj {resources.OomScoreAdj} is not between -1000 and 1000");
        if (resources.CpuPeriod < 0 || resources.CpuShares < 0 || resources.MemoryLimit < 0)
            throw CriException.InvalidArgument($"{field}: cpu_period, cpu_shares and memory_limit_in_bytes can't be negative");
        if (resources.MemorySwapLimit < -1)
            throw CriException.InvalidArgument($"{field}.memory_swap_limit_in_bytes {resources.MemorySwapLimit} is neither a size nor -1 for no limit");
        if (resources.CpuPeriod is not 0 and (< ShortestPeriod or > LongestPeriod))
            throw CriException.InvalidArgument($"{field}.cpu_period {resources.CpuPeriod} is not between {ShortestPeriod} and {LongestPeriod} microseconds");
        if (resources.CpuQuota is > 0 and < ShortestPeriod)
            throw CriException.InvalidArgument($"{field}.cpu_quota {resources.CpuQuota} is less than {ShortestPeriod} microseconds");
        if (resources.CpuShares > MostShares)
            throw CriException.InvalidArgument($"{field}.cpu_shares {resources.CpuShares} is more than {MostShares}");
        CpuList($"{field}.cpuset_cpus", resources.CpusetCpus);
        CpuList($"{field}.cpuset_mems", resources.CpusetMems);
        Unified(field, resources.Unified);
    }

    private static void CpuList(string field, string list)
    {
        if (list.Length > TextLimits.MaxLabel || list.Any(c => !char.IsAsciiDigit(c) && c is not (',' or '-')))
            throw CriException.InvalidArgument($"{field} \"{TextLimits.Shorten(list)}\" is not a list such as 0-3,7");
    }

    private static void Unified(string field, SortedDictionary<string, string> unified)
    {
        TextLimits.Map($"{field}.unified", unified, TextLimits.MaxLabel);
        foreach ((string file, string value) in unified)
        {
            if (file.Contains('/') || !file.Contains('.') || file.Any(char.IsControl) || value.Contains('\0'))
                throw CriException.InvalidArgument($"{field}.unified: \"{TextLimits.Shorten(file)}\" is not the name of a cgroup file");
        }
    }
}
