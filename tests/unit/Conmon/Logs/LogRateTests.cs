using System.Text;
using CriRuntime.Conmon.Logs;

namespace CriRuntime.Conmon.Tests.Logs;

public sealed class LogRateTests
{
    private const long Rate = 20_000;

    [Fact]
    public void A_seconds_worth_may_come_at_once_and_then_the_rate_counts()
    {
        LogRate rate = new(Rate, now: 0);
        byte[] entries = Entries(40_000);
        Assert.Equal(20_000, rate.Admit(entries, now: 0));
        Assert.Equal(0, rate.Admit(entries, now: 0));
        Assert.Equal(2_000, rate.Admit(entries, now: 100));
        Assert.Equal(20_000, rate.Admit(entries, now: 5_000));
    }

    [Fact]
    public void Only_whole_entries_pass()
    {
        LogRate rate = new(Rate, now: 0);
        byte[] entries = [.. Entries(19_900), .. Encoding.ASCII.GetBytes(new string('x', 199) + "\n")];
        Assert.Equal(19_900, rate.Admit(entries, now: 0));
        Assert.Equal('\n', (char)entries[19_899]);
    }

    [Fact]
    public void A_slow_trickle_adds_up()
    {
        LogRate rate = new(100, now: 0);
        rate.Admit(Entries(CriLogFormat.MaxEntry / 100 * 100), now: 0);
        int admitted = 0;
        for (long now = 1; now <= 10_000; now++)
            admitted += rate.Admit(Entries(100), now);
        Assert.InRange(admitted, 900, 1100);
    }

    [Fact]
    public void The_longest_entry_passes_even_at_a_tiny_rate()
    {
        LogRate rate = new(1, now: 0);
        byte[] entry = new byte[CriLogFormat.MaxEntry];
        entry[^1] = (byte)'\n';
        Assert.Equal(entry.Length, rate.Admit(entry, now: 0));
    }

    private static byte[] Entries(int bytes) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", bytes / 100)));
}
