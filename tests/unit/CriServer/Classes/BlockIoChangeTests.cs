using CriRuntime.CriServer.Classes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class BlockIoChangeTests
{
    private static readonly BlockIoResources s_former = new()
    {
        Weight = 50,
        WeightDevice = [new WeightDevice { Major = 8, Minor = 0, Weight = 20 }, new WeightDevice { Major = 8, Minor = 16, Weight = 30 }],
        ThrottleReadBpsDevice = [new ThrottleDevice { Major = 8, Minor = 0, Rate = 1 }, new ThrottleDevice { Major = 8, Minor = 16, Rate = 2 }],
    };

    [Fact]
    public void What_the_new_class_does_not_limit_is_lifted()
    {
        BlockIoResources next = new() { ThrottleReadBpsDevice = [new ThrottleDevice { Major = 8, Minor = 16, Rate = 3 }], Weight = 70 };
        BlockIoResources written = BlockIoChange.ToWrite(s_former, next);
        Assert.Equal([(0L, 0ul), (16L, 3ul)], written.ThrottleReadBpsDevice.Select(device => (device.Minor, device.Rate)));
        Assert.Equal([(0L, 70), (16L, 70)], written.WeightDevice.Select(device => (device.Minor, (int)device.Weight!)));
        Assert.Equal((ushort)70, written.Weight);
    }

    [Fact]
    public void No_class_lifts_all_and_none_before_lifts_nothing()
    {
        BlockIoResources lifted = BlockIoChange.ToWrite(s_former, null);
        Assert.All(lifted.ThrottleReadBpsDevice, device => Assert.Equal(0ul, device.Rate));
        Assert.Equal((ushort)100, lifted.Weight);
        BlockIoResources nothing = BlockIoChange.ToWrite(null, new BlockIoResources());
        Assert.Equal((null, 0, 0), (nothing.Weight, nothing.WeightDevice.Count, nothing.ThrottleReadBpsDevice.Count));
    }
}
