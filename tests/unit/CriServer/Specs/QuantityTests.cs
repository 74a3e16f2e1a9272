using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Tests.Specs;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("10M", 10_000_000)]
    [InlineData("1Gi", 1_073_741_824)]
    [InlineData("1.5k", 1500)]
    [InlineData("7", 7)]
    [InlineData("1e6", 1_000_000)]
    [InlineData("2E", 2_000_000_000_000_000_000)]
    [InlineData("0.5", 1)]
    public void Quantities_are_read_as_kubernetes_writes_them(string text, long expected) => Assert.Equal(expected, Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1M")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999P")]
    [InlineData("1 M")]
    [InlineData("9E9E")]
    [InlineData("1e")]
    public void Nonsense_is_refused_naming_the_annotation(string text) =>
        Assert.Contains("rate", Assert.Throws<CriException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_annotation_is_no_limit() => Assert.Equal(0, Quantity.BitsPerSecond("rate", new Dictionary<string, string>()));

    private static long Read(string text) => Quantity.BitsPerSecond("rate", new Dictionary<string, string> { ["rate"] = text });
}
