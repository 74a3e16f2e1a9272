using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Tests.Specs;

public sealed class ResourceChangeTests
{
    private static readonly ContainerResources Former = new()
    {
        CpuPeriod = 100_000,
        CpuQuota = 50_000,
        CpuShares = 512,
        MemoryLimit = 64 << 20,
        MemorySwapLimit = 96 << 20,
        OomScoreAdj = 900,
        CpusetCpus = "0",
        CpusetMems = "0",
        HugepageLimits = [new HugepageLimit("2MB", 1), new HugepageLimit("1GB", 2)],
        Unified = new(StringComparer.Ordinal) { ["memory.low"] = "1", ["pids.max"] = "2" },
    };

    [Fact]
    public void What_the_request_does_not_set_stays()
    {
        ContainerResources merged = ResourceChange.Merge(Former, new ContainerResources());
        Assert.Equal(Former.HugepageLimits, merged.HugepageLimits);
        Assert.Equal(Former.Unified, merged.Unified);
        Assert.Equal(Former, merged with { HugepageLimits = Former.HugepageLimits, Unified = Former.Unified });
    }

    [Fact]
    public void What_the_request_sets_is_replaced()
    {
        ContainerResources merged = ResourceChange.Merge(Former, new ContainerResources
        {
            CpuQuota = -1,
            MemoryLimit = 32 << 20,
            CpusetCpus = "1",
            HugepageLimits = [new HugepageLimit("2MB", 7)],
            Unified = new(StringComparer.Ordinal) { ["pids.max"] = "max" },
        });
        Assert.Equal((100_000, -1, 512), (merged.CpuPeriod, merged.CpuQuota, merged.CpuShares));
        Assert.Equal((32 << 20, 96 << 20), (merged.MemoryLimit, merged.MemorySwapLimit));
        Assert.Equal(("1", "0"), (merged.CpusetCpus, merged.CpusetMems));
        Assert.Equal([new HugepageLimit("1GB", 2), new HugepageLimit("2MB", 7)], merged.HugepageLimits);
        Assert.Equal("1 max", string.Join(' ', merged.Unified.Values));
    }

    [Fact]
    public void Half_of_a_pair_is_written_with_its_other_half_and_nothing_else_is_written()
    {
        ContainerResources requested = new() { CpuQuota = 20_000 };
        ContainerResources written = ResourceChange.ToWrite(ResourceChange.Merge(Former, requested), requested);
        Assert.Equal((100_000, 20_000, 0), (written.CpuPeriod, written.CpuQuota, written.CpuShares));
        Assert.Equal((0, 0, 0), (written.MemoryLimit, written.MemorySwapLimit, written.OomScoreAdj));

        requested = new() { MemoryLimit = 70 << 20 };
        written = ResourceChange.ToWrite(ResourceChange.Merge(Former, requested), requested);
        Assert.Equal((70 << 20, 96 << 20, 0), (written.MemoryLimit, written.MemorySwapLimit, written.CpuQuota));
    }
}
