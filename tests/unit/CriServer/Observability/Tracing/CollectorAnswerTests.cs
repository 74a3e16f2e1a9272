using CriRuntime.CriServer.Observability.Tracing;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

public sealed class CollectorAnswerTests
{
    [Fact]
    public void A_status_says_why_and_when_to_try_again()
    {
        (string message, TimeSpan? delay) = CollectorAnswer.ReadStatus(GrpcAnswer.RetryAfter(2, 500_000_000, "too many spans"));
        Assert.Equal(("too many spans", TimeSpan.FromSeconds(2.5)), (message, delay));
        Assert.Equal(TimeSpan.Zero, CollectorAnswer.ReadStatus(GrpcAnswer.RetryAfter(0)).RetryDelay);
    }

    [Fact]
    public void No_delay_is_negative_or_endless()
    {
        Assert.Equal(TimeSpan.FromHours(1), CollectorAnswer.ReadStatus(GrpcAnswer.RetryAfter(long.MaxValue)).RetryDelay);
        Assert.Equal(TimeSpan.Zero, CollectorAnswer.ReadStatus(GrpcAnswer.RetryAfter(long.MinValue, int.MinValue)).RetryDelay);
    }

    [Fact]
    public void A_partial_success_says_how_many_spans_were_thrown_away_and_why()
    {
        SendOutcome outcome = CollectorAnswer.ReadSuccess(GrpcAnswer.PartialSuccess(7, "too old"));
        Assert.Equal((true, 7L, "too old"), (outcome.Delivered, outcome.Rejected, outcome.Reason));
        Assert.Equal(0, CollectorAnswer.ReadSuccess(GrpcAnswer.PartialSuccess(-7, "")).Rejected);
    }

    [Fact]
    public void Whatever_a_collector_sends_in_its_place_says_nothing()
    {
        Random random = new(4711);
        byte[] whole = GrpcAnswer.RetryAfter(5, 1, "busy");
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = i % 2 == 0 ? new byte[random.Next(64)] : whole[..random.Next(whole.Length)];
            if (i % 2 == 0)
                random.NextBytes(bytes);
            Assert.True(CollectorAnswer.ReadSuccess(bytes).Delivered);
            Assert.InRange(CollectorAnswer.ReadStatus(bytes).RetryDelay ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(2));
        }
    }
}
