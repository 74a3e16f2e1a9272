using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Tests.State;

public sealed class KeyedLocksTests
{
    private readonly KeyedLocks _locks = new();

    [Fact]
    public async Task The_second_waits_for_the_first()
    {
        IDisposable first = await _locks.AcquireAsync("a", CancellationToken.None);
        ValueTask<IDisposable> second = _locks.AcquireAsync("a", CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task Other_keys_do_not_wait()
    {
        using IDisposable first = await _locks.AcquireAsync("a", CancellationToken.None);
        using IDisposable other = await _locks.AcquireAsync("b", CancellationToken.None);
        Assert.Equal(2, _locks.Count);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        IDisposable first = await _locks.AcquireAsync("a", CancellationToken.None);
        using CancellationTokenSource giveUp = new();
        Task waiting = _locks.AcquireAsync("a", giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        Assert.Equal(0, _locks.Count);
    }

    [Fact]
    public async Task Releasing_twice_lets_only_one_in()
    {
        IDisposable first = await _locks.AcquireAsync("a", CancellationToken.None);
        Task<IDisposable> second = _locks.AcquireAsync("a", CancellationToken.None).AsTask();
        Task<IDisposable> third = _locks.AcquireAsync("a", CancellationToken.None).AsTask();
        first.Dispose();
        first.Dispose();
        (await second).Dispose();
        (await third).Dispose();
        Assert.Equal(0, _locks.Count);
    }
}
