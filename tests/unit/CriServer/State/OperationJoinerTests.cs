using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Tests.State;

public sealed class OperationJoinerTests
{
    private readonly OperationJoiner<int> _joiner = new(keepsResults: true);
    private readonly TaskCompletionSource<int> _work = new();
    private int _started;

    [Fact]
    public async Task A_retry_joins_the_operation_under_way()
    {
        Task<int> first = RunAsync("same");
        Task<int> second = RunAsync("same");
        _work.SetResult(7);
        Assert.Equal((7, 7), (await first, await second));
        Assert.Equal(1, _started);
        Assert.Equal(0, _joiner.Count);
    }

    [Fact]
    public async Task A_different_request_for_the_same_key_is_refused_while_the_first_runs()
    {
        Task<int> first = RunAsync("one");
        CriException refused = await Assert.ThrowsAsync<CriException>(() => RunAsync("other"));
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
        _work.SetResult(1);
        await first;
    }

    [Fact]
    public async Task A_result_that_nobody_received_waits_for_the_retry()
    {
        using CancellationTokenSource impatient = new();
        Task<int> first = RunAsync("same", impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _work.SetResult(7);
        Assert.Equal(7, await RunAsync("same"));
        Assert.Equal(1, _started);
        Assert.Equal(0, _joiner.Count);
    }

    [Fact]
    public async Task A_kept_result_can_be_forgotten()
    {
        using CancellationTokenSource impatient = new();
        Task<int> first = RunAsync("same", impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _work.SetResult(7);
        await WaitAsync(() => _joiner.Count == 1);
        _joiner.Forget("key");
        Assert.Equal(0, _joiner.Count);
    }

    [Fact]
    public async Task A_failure_reaches_all_that_wait_and_is_not_kept()
    {
        Task<int> first = RunAsync("same");
        Task<int> second = RunAsync("same");
        _work.SetException(new IOException("broken"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await Assert.ThrowsAsync<IOException>(() => second);
        Assert.Equal(0, _joiner.Count);
    }

    [Fact]
    public async Task Without_keeping_nothing_stays_when_every_caller_left()
    {
        OperationJoiner<int> joiner = new(keepsResults: false);
        using CancellationTokenSource impatient = new();
        Task<int> first = joiner.RunAsync("key", "", () => _work.Task, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _work.SetResult(7);
        await WaitAsync(() => joiner.Count == 0);
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (int i = 0; i < 500 && !condition(); i++)
            await Task.Delay(10);
        Assert.True(condition());
    }

    private Task<int> RunAsync(string fingerprint, CancellationToken cancellationToken = default) =>
        _joiner.RunAsync(
            "key",
            fingerprint,
            () =>
            {
                _started++;
                return _work.Task;
            },
            cancellationToken);
}
