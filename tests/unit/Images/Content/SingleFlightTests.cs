using CriRuntime.Images.Content;

namespace CriRuntime.Images.Tests.Content;

public sealed class SingleFlightTests
{
    private readonly SingleFlight<string, int> _flights = new();

    [Fact]
    public async Task Callers_of_one_key_share_the_work_and_others_do_not()
    {
        int runs = 0;
        var gate = new TaskCompletionSource<int>();
        Func<CancellationToken, Task<int>> work = _ =>
        {
            Interlocked.Increment(ref runs);
            return gate.Task;
        };
        Task<int>[] callers = [.. Enumerable.Range(0, 10).Select(_ => _flights.RunAsync("a", work, Token))];
        Task<int> other = _flights.RunAsync("b", work, Token);
        gate.SetResult(7);

        Assert.All(await Task.WhenAll([.. callers, other]), r => Assert.Equal(7, r));
        Assert.Equal(2, runs);
        Assert.Equal(0, _flights.Count);
    }

    [Fact]
    public async Task A_caller_that_gives_up_disturbs_no_other()
    {
        var gate = new TaskCompletionSource<int>();
        using var impatient = new CancellationTokenSource();
        Task<int> one = _flights.RunAsync("a", t => gate.Task.WaitAsync(t), impatient.Token);
        Task<int> two = _flights.RunAsync("a", _ => throw new InvalidOperationException("not joined"), Token);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        gate.SetResult(3);

        Assert.Equal(3, await two);
    }

    [Fact]
    public async Task Work_that_nobody_waits_for_any_more_is_cancelled()
    {
        var cancelled = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        Task<int> one = _flights.RunAsync("a", async t =>
        {
            t.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, t);
            return 0;
        }, impatient.Token);
        await Task.Delay(20, Token);

        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task A_failure_reaches_all_and_is_not_remembered()
    {
        await Assert.ThrowsAsync<IOException>(() => _flights.RunAsync("a", _ => Task.FromException<int>(new IOException()), Token));

        Assert.Equal(1, await _flights.RunAsync("a", _ => Task.FromResult(1), Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
