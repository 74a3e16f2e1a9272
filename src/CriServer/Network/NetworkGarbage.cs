using CriRuntime.Cni;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Network;

/// <summary>What the network still holds for pods that nobody knows any more: addresses of a state directory that was wiped, say.</summary>
public sealed class NetworkGarbage(IPodNetwork network, RuntimeState state, OwedRecords owed, ILogger<NetworkGarbage> logger)
{
    /// <summary>Has the network forget all but the pods of now. What fails is logged, and tried again at the next start.</summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        if (network.NotReadyReason is not null)
            return;
        try
        {
            await network.CollectAsync(Known, cancellationToken).ConfigureAwait(false);
        }
        catch (CniException e)
        {
            NetworkLog.NotCollected(logger, e.Message);
        }
    }

    /// <summary>Pods, those being made included, and pods whose DEL is on record: that has its own retries.</summary>
    private IReadOnlyCollection<string> Known() => [.. state.Pods.Current.Keys.Union(owed.PodIds())];
}
