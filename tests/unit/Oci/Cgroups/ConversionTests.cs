using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Controllers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class ConversionTests
{
    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(2UL, 1UL)]
    [InlineData(102UL, 17UL)]
    [InlineData(512UL, 59UL)]
    [InlineData(1024UL, 100UL)]
    [InlineData(262144UL, 10000UL)]
    [InlineData(ulong.MaxValue, 10000UL)]
    public void Shares_become_the_weight_that_runc_gives_them(ulong shares, ulong weight) =>
        Assert.Equal(weight, Conversion.SharesToWeight(shares));

    [Theory]
    [InlineData(100L, 100L, 0L)]
    [InlineData(100L, 300L, 200L)]
    [InlineData(100L, -1L, -1L)]
    [InlineData(-1L, 0L, -1L)]
    [InlineData(100L, 0L, null)]
    [InlineData(0L, 0L, null)]
    public void Swap_of_v2_is_the_sum_less_the_memory(long limit, long swap, long? expected) =>
        Assert.Equal(expected, Conversion.SwapOnly(new MemoryResources { Limit = limit, Swap = swap }));

    [Fact]
    public void A_sum_below_the_memory_limit_is_refused()
    {
        Assert.Throws<CgroupException>(() => Conversion.SwapOnly(new MemoryResources { Limit = 2, Swap = 1 }));
        Assert.Throws<CgroupException>(() => Conversion.SwapOnly(new MemoryResources { Swap = 1 }));
    }

    [Theory]
    [InlineData((ushort)0, 0UL)]
    [InlineData((ushort)10, 1UL)]
    [InlineData((ushort)1000, 10000UL)]
    public void Block_io_weights_become_io_weights(ushort weight, ulong expected) =>
        Assert.Equal(expected, Conversion.BlockIoToIoWeight(weight));
}
