using System.Text.Json;
using CriRuntime.Cni.Cache;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;
using CriRuntime.Cni.Results;

namespace CriRuntime.Cni.Operations;

/// <summary>
/// ADD: record the attachment → every plugin in order, each seeing the result before it → record the result.
/// The record comes first, so that a crash in the middle leaves a DEL that can be made. A failure is undone by DEL of all plugins.
/// </summary>
internal sealed class AddOperation(PluginInvoker invoker, AttachmentCache cache, DelOperation del)
{
    internal async Task<CniResult> RunAsync(NetworkConfig network, Attachment attachment, CancellationToken cancellationToken)
    {
        CachedAttachment intent = new(network, attachment, Result: null);
        cache.Save(intent);
        try
        {
            JsonElement raw = await RunPluginsAsync(network, attachment, cancellationToken).ConfigureAwait(false);
            cache.Save(intent with { Result = raw });
            return ResultReader.Read(raw, network.Name);
        }
        catch (CniException cause)
        {
            string left = await UndoAsync(intent, cause.Failure == CniFailure.PluginMissing ? cause.Plugin : null).ConfigureAwait(false);
            if (left.Length == 0)
                throw;
            throw cause.WithAddition($"; taking it back failed too, a later DEL is owed: {left}");
        }
        catch (OperationCanceledException)
        {
            await UndoAsync(intent, unstartable: null).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<JsonElement> RunPluginsAsync(NetworkConfig network, Attachment attachment, CancellationToken cancellationToken)
    {
        JsonElement? previous = null;
        foreach (PluginConfig plugin in network.Plugins)
        {
            ReadOnlyMemory<byte> stdin = PluginStdin.Compose(network, plugin, attachment.Capabilities, previous);
            PluginCall call = new("ADD", plugin.Type, network.Name, attachment, stdin);
            JsonElement? answer = await invoker.InvokeAsync(call, cancellationToken).ConfigureAwait(false);
            previous = Normalize(call, network, answer!.Value);
        }

        return previous!.Value;
    }

    /// <summary>The result in the configuration's version, checked at the plugin that printed it, so that the right one is blamed.</summary>
    private static JsonElement Normalize(PluginCall call, NetworkConfig network, JsonElement answer)
    {
        try
        {
            JsonElement result = ResultConversion.Convert(answer, network.Version);
            _ = ResultReader.Read(result, network.Name);
            return result;
        }
        catch (FormatException e)
        {
            throw call.Failed(CniFailure.InvalidOutput, $"printed no CNI result: {e.Message}", inner: e);
        }
    }

    /// <summary>Not cancelled by the caller: what was begun is taken back, or stays recorded for a later DEL.</summary>
    private async Task<string> UndoAsync(CachedAttachment intent, string? unstartable)
    {
        IReadOnlyList<CniException> failures = await del.UndoAsync(intent, unstartable).ConfigureAwait(false);
        return string.Join("; ", failures.Select(failure => failure.Message));
    }
}
