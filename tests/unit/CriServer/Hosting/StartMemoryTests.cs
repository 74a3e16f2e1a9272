using System.Runtime;
using CriRuntime.CriServer.Hosting;

namespace CriRuntime.CriServer.Tests.Hosting;

public sealed class StartMemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(64)] // more than there is: collections come back by themselves
    public void Collections_are_ordinary_again_when_it_is_released(int megabytes)
    {
        StartMemory.Reserve();
        byte[][] kept = new byte[megabytes][];
        for (int i = 0; i < megabytes; i++)
            kept[i] = new byte[1 << 20];
        StartMemory.Release();
        StartMemory.Release();
        Assert.NotEqual(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
        GC.KeepAlive(kept);
    }
}
