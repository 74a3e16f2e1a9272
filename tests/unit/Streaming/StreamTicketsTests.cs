namespace CriRuntime.Streaming.Tests;

public sealed class StreamTicketsTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void A_ticket_is_redeemed_once()
    {
        StreamTickets<string> tickets = new(TimeSpan.FromMinutes(1), 1000, _time);
        string token = tickets.Issue("exec");
        Assert.True(tickets.TryRedeem(token, out string? request));
        Assert.Equal("exec", request);
        Assert.False(tickets.TryRedeem(token, out _));
        Assert.False(tickets.TryRedeem("guess", out _));
    }

    [Fact]
    public void A_ticket_expires()
    {
        StreamTickets<string> tickets = new(TimeSpan.FromMinutes(1), 1000, _time);
        string early = tickets.Issue("early");
        _time.Now += TimeSpan.FromSeconds(59);
        string late = tickets.Issue("late");
        _time.Now += TimeSpan.FromSeconds(1);
        Assert.False(tickets.TryRedeem(early, out _));
        Assert.True(tickets.TryRedeem(late, out _));
        Assert.Equal(0, tickets.Count);
    }

    [Fact]
    public void More_than_allowed_are_refused_until_some_are_redeemed_or_expire()
    {
        StreamTickets<int> tickets = new(TimeSpan.FromMinutes(1), 2, _time);
        string first = tickets.Issue(1);
        tickets.Issue(2);
        StreamingException e = Assert.Throws<StreamingException>(() => tickets.Issue(3));
        Assert.Equal(StreamingErrorKind.ResourceExhausted, e.Kind);
        Assert.True(tickets.TryRedeem(first, out _));
        tickets.Issue(4);
        Assert.Throws<StreamingException>(() => tickets.Issue(5));
        _time.Now += TimeSpan.FromMinutes(1);
        tickets.Issue(6);
    }

    [Fact]
    public void Tokens_fit_a_url_and_never_repeat()
    {
        StreamTickets<int> tickets = new(TimeSpan.FromMinutes(1), 100_000, _time);
        HashSet<string> seen = [];
        for (int i = 0; i < 20_000; i++)
        {
            string token = tickets.Issue(i);
            Assert.Matches("^[A-Za-z0-9_-]{32}$", token);
            Assert.True(seen.Add(token));
        }
    }

    [Fact]
    public void A_ticket_that_nobody_fetches_does_not_keep_those_that_were()
    {
        StreamTickets<byte[]> tickets = new(TimeSpan.FromHours(1), 10, _time);
        tickets.Issue([]);
        long before = GC.GetTotalMemory(true);
        for (int i = 0; i < 100_000; i++)
            Assert.True(tickets.TryRedeem(tickets.Issue(new byte[100]), out _));
        Assert.True(GC.GetTotalMemory(true) - before < 1_000_000);
        Assert.Equal(1, tickets.Count);
    }

    private sealed class SteppedTime : TimeProvider
    {
        internal TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
