using CriRuntime.Cni.Cache;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Operations;

/// <summary>GC: DEL for every recorded attachment that is not valid, then the plugins' own GC (CNI 1.1).</summary>
internal sealed class GcOperation(PluginInvoker invoker, AttachmentCache cache, DelOperation del, OperationGate gate, TimeSpan patience)
{
    /// <summary>Runs both parts; every failure is collected.</summary>
    /// <param name="network">The pod network, whose plugins get GC.</param>
    /// <param name="valid">Asked after the records were read, and again when nothing else runs: what is being added by then counts.</param>
    internal async Task RunAsync(NetworkConfig? network, Func<IReadOnlyCollection<CniAttachmentId>> valid, CancellationToken cancellationToken)
    {
        List<CniException> failures = [];
        await DeleteStaleAsync(valid, failures, cancellationToken).ConfigureAwait(false);
        if (network is { DisableGc: false } && network.Version >= CniVersion.WithGcAndStatus)
            await CollectAsync(network, valid, failures, cancellationToken).ConfigureAwait(false);
        if (failures.Count > 0)
            throw failures.Count == 1 ? failures[0] : failures[0].WithAddition($"; and {failures.Count - 1} more: {string.Join("; ", failures.Skip(1).Select(f => f.Message))}");
    }

    private async Task DeleteStaleAsync(Func<IReadOnlyCollection<CniAttachmentId>> valid, List<CniException> failures, CancellationToken cancellationToken)
    {
        IReadOnlyList<CachedAttachment> recorded = cache.All();
        HashSet<CniAttachmentId> known = [.. valid()];
        foreach (CachedAttachment stale in recorded.Where(cached => !cached.Network.DisableGc && !known.Contains(IdOf(cached))))
        {
            using OperationGate.Passage inside = await gate.ShareAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await del.RunAsync(NetnsLeft.Of(stale), cancellationToken).ConfigureAwait(false);
            }
            catch (CniException e)
            {
                failures.Add(e);
            }
        }
    }

    private async Task CollectAsync(
        NetworkConfig network, Func<IReadOnlyCollection<CniAttachmentId>> valid, List<CniException> failures, CancellationToken cancellationToken)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(patience);
        OperationGate.Passage alone;
        try
        {
            alone = await gate.TakeAloneAsync(waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failures.Add(new CniException(CniFailure.TimedOut, $"CNI GC on network \"{network.Name}\": pods came and went for {patience.TotalSeconds:0.#} s without a pause; try later") { Command = "GC", Network = network.Name });
            return;
        }

        using (alone)
        {
            IReadOnlyCollection<CniAttachmentId> keep = valid();
            foreach (PluginConfig plugin in network.Plugins)
            {
                try
                {
                    await invoker.InvokeAsync(new PluginCall("GC", plugin.Type, network.Name, null, PluginStdin.ComposeGc(network, plugin, keep)), cancellationToken).ConfigureAwait(false);
                }
                catch (CniException e)
                {
                    failures.Add(e);
                }
            }
        }
    }

    private static CniAttachmentId IdOf(CachedAttachment cached) => new(cached.Attachment.ContainerId, cached.Attachment.IfName);
}
