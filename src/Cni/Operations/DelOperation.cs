using System.Text.Json;
using CriRuntime.Cni.Cache;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;
using CriRuntime.Cni.Results;

namespace CriRuntime.Cni.Operations;

/// <summary>DEL: every plugin in reverse order, then the record is forgotten. Plugins succeed for what is gone already.</summary>
internal sealed class DelOperation(PluginInvoker invoker, AttachmentCache cache)
{
    /// <summary>Deletes one attachment; halts at the first plugin that fails, as the specification demands (section 4, "Deleting an attachment").</summary>
    internal async Task RunAsync(CachedAttachment cached, CancellationToken cancellationToken)
    {
        foreach (PluginConfig plugin in cached.Network.Plugins.Reverse())
            await InvokeAsync(cached, plugin, cancellationToken).ConfigureAwait(false);
        cache.Remove(cached);
    }

    /// <summary>
    /// Takes back an ADD that failed: every plugin gets its chance, those that never ran too. Returns the failures;
    /// the record stays when there are any.
    /// </summary>
    /// <param name="cached">The record of the ADD.</param>
    /// <param name="unstartable">The plugin that could not be executed at the ADD: it did nothing, so it need not be executable now.</param>
    internal async Task<IReadOnlyList<CniException>> UndoAsync(CachedAttachment cached, string? unstartable)
    {
        List<CniException> failures = [];
        foreach (PluginConfig plugin in cached.Network.Plugins.Reverse())
        {
            try
            {
                await InvokeAsync(cached, plugin, CancellationToken.None).ConfigureAwait(false);
            }
            catch (CniException e)
            {
                if (e.Failure != CniFailure.PluginMissing || plugin.Type != unstartable)
                    failures.Add(e);
            }
        }

        try
        {
            if (failures.Count == 0)
                cache.Remove(cached);
        }
        catch (CniException e)
        {
            failures.Add(e);
        }

        return failures;
    }

    private async Task InvokeAsync(CachedAttachment cached, PluginConfig plugin, CancellationToken cancellationToken)
    {
        NetworkConfig network = cached.Network;
        ReadOnlyMemory<byte> stdin = PluginStdin.Compose(network, plugin, cached.Attachment.Capabilities, PreviousResult(cached));
        PluginCall call = new("DEL", plugin.Type, network.Name, cached.Attachment, stdin);
        await invoker.InvokeAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private static JsonElement? PreviousResult(CachedAttachment cached)
    {
        if (cached.Network.Version < CniVersion.WithCheck || cached.Result is not { } result)
            return null;
        try
        {
            return ResultConversion.Convert(result, cached.Network.Version);
        }
        catch (FormatException)
        {
            // A damaged record: DEL must work without a previous result too.
            return null;
        }
    }
}
