using CriRuntime.Conmon.Attach;

namespace CriRuntime.Conmon.Tests.Attach;

public sealed class PendingOutputTests
{
    [Fact]
    public void Bytes_come_out_as_they_went_in_round_and_round()
    {
        PendingBudget budget = new(1000);
        using PendingOutput pending = new(budget, 100);
        byte next = 0;
        byte expected = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] chunk = new byte[33];
            for (int k = 0; k < chunk.Length; k++)
                chunk[k] = next++;
            Assert.True(pending.TryAdd(chunk));
            // Leaves something, so that the rest has to move down now and then.
            int take = Math.Min(pending.Bytes.Length, i % 2 == 0 ? 20 : 60);
            foreach (byte value in pending.Bytes[..take])
                Assert.Equal(expected++, value);
            pending.Consume(take);
            Assert.Equal(pending.Bytes.Length, budget.Used);
        }
    }

    [Fact]
    public void More_than_its_bound_is_refused_as_a_whole()
    {
        using PendingOutput pending = new(new PendingBudget(1000), 100);
        Assert.True(pending.TryAdd(new byte[60]));
        Assert.False(pending.TryAdd(new byte[41]));
        Assert.Equal(60, pending.Bytes.Length);
        Assert.True(pending.TryAdd(new byte[40]));
    }

    [Fact]
    public void All_together_are_bounded_and_give_back_what_they_had()
    {
        PendingBudget budget = new(100);
        PendingOutput first = new(budget, 1000);
        using PendingOutput second = new(budget, 1000);
        Assert.True(first.TryAdd(new byte[80]));
        Assert.False(second.TryAdd(new byte[21]));
        first.Dispose();
        Assert.True(second.TryAdd(new byte[100]));
        second.Consume(100);
        Assert.Equal(0, budget.Used);
    }
}
