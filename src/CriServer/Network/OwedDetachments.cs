using System.Collections.Concurrent;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Network;

/// <summary>
/// CNI DELs that are owed for pods that are gone, or from before a reboot: tried again and again, with growing pauses, until they
/// succeed. The record on disk goes only then, so that neither a crash nor a reboot forgets one.
/// </summary>
public sealed class OwedDetachments(IPodNetwork network, OwedRecords records, TimeProvider time, ILogger<OwedDetachments> logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, Task> _pending = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How many are still owed.</summary>
    public int Count => _pending.Count;

    /// <summary>One try now; when it fails, the others follow in the background.</summary>
    public async Task<bool> TryDetachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken)
    {
        try
        {
            await network.DetachAsync(pod, netnsPath, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            NetworkLog.DetachFailed(logger, pod.Id, e.Message);
            Retry(pod, netnsPath, () => records.Delete(pod.Id));
            return false;
        }
    }

    /// <summary>Goes on in the background until the DEL has succeeded, and then calls <paramref name="detached"/>.</summary>
    public void Retry(PodSandbox pod, string netnsPath, Action detached) =>
        _pending.GetOrAdd(pod.Id, _ => Task.Run(() => RetryAsync(pod, netnsPath, detached)));

    /// <summary>Ends the tries of this process; what is owed stays on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_pending.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RetryAsync(PodSandbox pod, string netnsPath, Action detached)
    {
        TimeSpan pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await network.DetachAsync(pod, netnsPath, _stopping.Token).ConfigureAwait(false);
                detached();
                _pending.TryRemove(pod.Id, out _);
                NetworkLog.Detached(logger, pod.Id);
                return;
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                NetworkLog.StillOwed(logger, pod.Id, pause, e.Message);
            }

            await Task.Delay(pause, time, _stopping.Token).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
