using System.Text;
using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Protocol;

public sealed class ExitRecordTests
{
    [Fact]
    public void A_record_has_its_numbers_in_order()
    {
        ContainerExit exit = ExitRecord.Parse("web", "v1 137 9 1 1709210096123456789\n"u8);
        Assert.Equal(new ContainerExit("web", 137, 9, true, 1_709_210_096_123_456_789), exit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1")]
    [InlineData("v1 0 0 0 1")]
    [InlineData("v1 0 0 0\n")]
    [InlineData("v1 0 0 0 \n")]
    [InlineData("v1 0 0 2 1\n")]
    [InlineData("v1 256 0 0 1\n")]
    [InlineData("v1 -1 0 0 1\n")]
    [InlineData("v1 0 65 0 1\n")]
    [InlineData("v1 0 0 0 1 2\n")]
    [InlineData("v1  0 0 0 1\n")]
    [InlineData("v2 0 0 0 1\n")]
    [InlineData("v1 0 0 0 99999999999999999999\n")]
    [InlineData("garbage\n")]
    public void A_torn_or_foreign_record_is_refused_by_name(string content)
    {
        FormatException e = Assert.Throws<FormatException>(() => ExitRecord.Parse("web", Encoding.ASCII.GetBytes(content)));
        Assert.Contains("web", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_record_fits_its_buffer()
    {
        ContainerExit exit = new("web", 255, 64, true, long.MaxValue);
        Span<byte> buffer = stackalloc byte[64];
        int length = ExitRecord.Format(exit, buffer);
        Assert.Equal(exit, ExitRecord.Parse("web", buffer[..length]));
    }

    [Fact]
    public void A_missing_record_is_null() => Assert.Null(ExitRecord.Read("/nowhere", "web"));
}
