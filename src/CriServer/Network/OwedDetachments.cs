using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Network;

/// <summary>
/// CNI DELs that are owed for pods that are gone, or from before a reboot: tried again and again, with growing pauses, until they
/// succeed. The record on disk goes only then, so that neither a crash nor a reboot forgets one.
/// </summary>
public sealed class OwedDetachments(IPodNetwork network, OwedRecords records, TimeProvider time, ILogger<OwedDetachments> logger) : IAsyncDisposable
{
    private readonly BackgroundRetries _retries = new(time);

    /// <summary>How many are still owed.</summary>
    public int Count => _retries.Count;

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
    public void Retry(PodSandbox pod, string netnsPath, Action detached) => _retries.Start(
        pod.Id,
        async cancellationToken =>
        {
            await network.DetachAsync(pod, netnsPath, cancellationToken).ConfigureAwait(false);
            detached();
            NetworkLog.Detached(logger, pod.Id);
        },
        (pause, e) => NetworkLog.StillOwed(logger, pod.Id, pause, e.Message));

    /// <summary>Ends the tries of this process; what is owed stays on disk.</summary>
    public ValueTask DisposeAsync() => _retries.DisposeAsync();
}
