using System.Text;
using CriRuntime.Conmon.Logs;

namespace CriRuntime.Conmon.Tests.Logs;

public sealed class CriTimestampTests
{
    [Theory]
    [InlineData(0L, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1_000_000_001L, "1970-01-01T00:00:01.000000001Z")]
    [InlineData(1_709_210_096_123_456_789L, "2024-02-29T12:34:56.123456789Z")]
    [InlineData(9_000_000_000_999_999_999L, "2255-03-14T16:00:00.999999999Z")]
    public void A_time_is_written_in_utc_with_nine_digits_of_the_second(long nanoseconds, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(new CriTimestamp().Format(nanoseconds)));

    [Fact]
    public void Times_one_after_the_other_do_not_leave_traces_of_each_other()
    {
        CriTimestamp timestamp = new();
        timestamp.Format(1_709_210_096_999_999_999L);
        Assert.Equal("2024-02-29T12:34:57.000000002Z", Encoding.ASCII.GetString(timestamp.Format(1_709_210_097_000_000_002L)));
        Assert.Equal("2024-02-29T12:34:57.900000002Z", Encoding.ASCII.GetString(timestamp.Format(1_709_210_097_900_000_002L)));
    }
}
