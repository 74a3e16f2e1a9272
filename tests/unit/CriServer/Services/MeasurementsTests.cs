using CriRuntime.CriServer.Services;

namespace CriRuntime.CriServer.Tests.Services;

public sealed class MeasurementsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(500)]
    public void Results_stand_in_the_order_of_what_was_measured(int count)
    {
        int[] things = [.. Enumerable.Range(0, count)];
        Assert.Equal(things.Select(thing => $"{thing}"), Measurements.Of(things, thing => $"{thing}"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public void What_goes_wrong_is_told_as_it_was(int count)
    {
        int[] things = [.. Enumerable.Range(0, count)];
        Assert.Equal("thing 1", Assert.Throws<IOException>(() => Measurements.Of(things, thing => thing == 1 ? throw new IOException("thing 1") : thing)).Message);
    }
}
