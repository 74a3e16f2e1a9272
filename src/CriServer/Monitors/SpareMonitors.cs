using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Monitors;

/// <summary>One monitor without a pod, started ahead, so that the next pod need not wait for a program to start. It ends with the daemon.</summary>
/// <param name="start">Starts one.</param>
internal sealed class SpareMonitors(Func<CancellationToken, Task<MonitorClient>> start) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task<MonitorClient>? _spare;

    /// <summary>Sees to it that there is one, or will soon be. Does not wait.</summary>
    internal void Refill()
    {
        if (Volatile.Read(ref _spare) is not null || _stopping.IsCancellationRequested)
            return;
        TaskCompletionSource<MonitorClient> place = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _spare, place.Task, null) is null)
            _ = FillAsync(place);
    }

    /// <summary>The spare, if it is ready and lives; from then on it is the caller's.</summary>
    internal async Task<MonitorClient?> TryTakeAsync()
    {
        // One that is still starting is left to the next pod.
        if (Volatile.Read(ref _spare) is not { IsCompleted: true } spare || Interlocked.CompareExchange(ref _spare, null, spare) != spare)
            return null;
        if (!spare.IsCompletedSuccessfully)
            return null;
        MonitorClient monitor = await spare.ConfigureAwait(false);
        if (!monitor.Exited.IsCompleted)
            return monitor;
        await monitor.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _spare, null) is not { } spare)
            return;
        await ((Task)spare).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (spare.IsCompletedSuccessfully)
            await (await spare.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private async Task FillAsync(TaskCompletionSource<MonitorClient> place)
    {
        // Apart from the request that took the last one.
        await Task.Yield();
        try
        {
            place.SetResult(await start(_stopping.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is MonitorException or LinuxException or OperationCanceledException)
        {
            // The next pod starts a monitor of its own and reports what is wrong; only then is a spare tried again.
            place.SetException(e);
            _ = place.Task.Exception;
        }
    }
}
