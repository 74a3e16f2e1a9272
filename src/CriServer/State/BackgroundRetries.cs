using System.Collections.Concurrent;

namespace CriRuntime.CriServer.State;

/// <summary>
/// Work that has to be done some time: tried again and again in the background, with growing pauses, until it succeeds or the daemon ends. What of it must
/// survive the daemon is on disk elsewhere.
/// </summary>
public sealed class BackgroundRetries(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Lazy<Task>> _pending = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How many have not succeeded yet.</summary>
    public int Count => _pending.Count;

    /// <summary>The first try is now. Nothing happens when there is already work for the key.</summary>
    /// <param name="attempt">Has succeeded when it does not throw.</param>
    /// <param name="failed">Told of each failure, and how long it is until the next try.</param>
    public void Start(string key, Func<CancellationToken, Task> attempt, Action<TimeSpan, Exception> failed) =>
        _ = _pending.GetOrAdd(key, _ => new Lazy<Task>(() => Task.Run(() => RunAsync(key, attempt, failed)))).Value;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_pending.Values.Select(work => work.Value)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(string key, Func<CancellationToken, Task> attempt, Action<TimeSpan, Exception> failed)
    {
        TimeSpan pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await attempt(_stopping.Token).ConfigureAwait(false);
                _pending.TryRemove(key, out _);
                return;
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                failed(pause, e);
            }

            await Task.Delay(pause, time, _stopping.Token).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
