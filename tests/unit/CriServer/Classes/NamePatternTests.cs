using System.Diagnostics;
using CriRuntime.CriServer.Classes;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("sda", "sda", true)]
    [InlineData("sda", "sdb", false)]
    [InlineData("sd[a-c]", "sdb", true)]
    [InlineData("sd[a-c]", "sdd", false)]
    [InlineData("sd[^a-c]", "sdd", true)]
    [InlineData("sd?", "sd", false)]
    [InlineData("nvme?n*", "nvme0n1", true)]
    [InlineData("*SSD*", "ata-VendorSSD-1", true)]
    [InlineData("*SSD", "ata-VendorSSD-1", false)]
    [InlineData("*", "", true)]
    [InlineData("a\\*", "a*", true)]
    [InlineData("a\\*", "ab", false)]
    [InlineData("[x*]y", "*y", true)]
    [InlineData("[]]", "]", true)]
    public void Names_match_as_in_glob(string pattern, string name, bool expected) => Assert.Equal(expected, new NamePattern(pattern).Matches(name));

    [Theory]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("[a-")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("a\\")]
    public void A_malformed_pattern_is_refused(string pattern) => Assert.Throws<FormatException>(() => new NamePattern(pattern));

    [Fact]
    public void Many_stars_take_no_exponential_time()
    {
        NamePattern pattern = new(string.Concat(Enumerable.Repeat("*a", 100)) + "b");
        long began = Stopwatch.GetTimestamp();
        Assert.False(pattern.Matches(new string('a', 255)));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }
}
