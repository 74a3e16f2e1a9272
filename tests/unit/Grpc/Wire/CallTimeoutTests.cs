using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class CallTimeoutTests
{
    [Theory]
    [InlineData("1H", 3600_000_000)]
    [InlineData("2M", 120_000_000)]
    [InlineData("3S", 3_000_000)]
    [InlineData("4m", 4_000)]
    [InlineData("5u", 5)]
    [InlineData("6000n", 6)]
    public void Every_unit_means_what_the_specification_says(string text, long microseconds)
    {
        Assert.True(CallTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(microseconds, timeout.TotalMicroseconds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(999_999_99)]
    [InlineData(100_000_000)]
    [InlineData(1_000_000_000_000)]
    [InlineData(10_000_000_000_000_000)]
    public void What_is_written_is_read_back_within_a_unit_and_never_too_early(long microseconds)
    {
        var timeout = TimeSpan.FromMicroseconds(microseconds);
        string text = CallTimeout.Format(timeout);
        Assert.True(text.Length <= 9);
        Assert.True(CallTimeout.TryParse(text, out TimeSpan read));
        Assert.InRange(read.TotalSeconds, timeout.TotalSeconds, (timeout.TotalSeconds * 1.001) + 0.000002);
    }
}
