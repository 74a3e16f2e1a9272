using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>The CRI's resources as OCI resources. What is 0 or empty is left alone.</summary>
public static class ResourceLimits
{
    /// <exception cref="CriException">FailedPrecondition for unified settings on a node without cgroup v2.</exception>
    public static LinuxResources Build(ContainerResources resources, IReadOnlyList<DeviceRule> devices, NodeFacts node)
    {
        if (resources.Unified.Count > 0 && !node.CgroupV2)
            throw CriException.FailedPrecondition("resources.unified needs cgroup v2, and this node has v1");
        return new LinuxResources
        {
            Devices = devices,
            Cpu = Cpu(resources),
            Memory = Memory(resources, node),
            HugepageLimits = [.. resources.HugepageLimits
                .Where(limit => node.HugepageSizes.Contains(limit.PageSize))
                .Select(limit => new Oci.Specs.HugepageLimit { PageSize = limit.PageSize, Limit = limit.Limit })],
            Unified = resources.Unified,
        };
    }

    /// <summary>The spec of a container whose resources have become these.</summary>
    public static Spec Update(Spec spec, ContainerResources resources, NodeFacts node)
    {
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        LinuxResources limits = Build(resources, [], node);
        return spec with
        {
            Process = spec.Process is null ? null : spec.Process with { OomScoreAdj = OomScoreAdj(resources.OomScoreAdj, node) },
            Linux = linux with
            {
                Resources = (linux.Resources ?? new LinuxResources()) with
                {
                    Cpu = limits.Cpu,
                    Memory = limits.Memory,
                    HugepageLimits = limits.HugepageLimits,
                    Unified = limits.Unified,
                },
            },
        };
    }

    /// <summary>Lowering one's score below the daemon's needs CAP_SYS_RESOURCE; without it the daemon's is the least.</summary>
    public static int OomScoreAdj(long requested, NodeFacts node) =>
        (int)(node.Capabilities.Contains("CAP_SYS_RESOURCE") ? requested : Math.Max(requested, node.OwnOomScoreAdj));

    private static CpuResources? Cpu(ContainerResources resources)
    {
        CpuResources cpu = new()
        {
            Shares = resources.CpuShares > 0 ? (ulong)resources.CpuShares : null,
            Quota = resources.CpuQuota != 0 ? resources.CpuQuota : null,
            Period = resources.CpuPeriod > 0 ? (ulong)resources.CpuPeriod : null,
            Cpus = NullIfEmpty(resources.CpusetCpus),
            Mems = NullIfEmpty(resources.CpusetMems),
        };
        return cpu == new CpuResources() ? null : cpu;
    }

    /// <summary>A limit without a swap limit means no swap beyond it, where the kernel accounts for swap.</summary>
    private static MemoryResources? Memory(ContainerResources resources, NodeFacts node)
    {
        long swap = resources.MemorySwapLimit != 0 ? resources.MemorySwapLimit : resources.MemoryLimit;
        MemoryResources memory = new()
        {
            Limit = resources.MemoryLimit > 0 ? resources.MemoryLimit : null,
            Swap = swap != 0 && node.SwapAccounting ? swap : null,
        };
        return memory == new MemoryResources() ? null : memory;
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
