using CriRuntime.Cni.Cache;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;
using CriRuntime.Cni.Results;

namespace CriRuntime.Cni.Operations;

/// <summary>CHECK: every plugin compares what is there with the result of the ADD.</summary>
internal sealed class CheckOperation(PluginInvoker invoker)
{
    internal async Task RunAsync(CachedAttachment cached, CancellationToken cancellationToken)
    {
        NetworkConfig network = cached.Network;
        Attachment attachment = cached.Attachment;
        if (network.Version < CniVersion.WithCheck)
            throw Failed(CniFailure.Unsupported, $"cniVersion {network.Version} has no CHECK");
        if (network.DisableCheck)
            return;
        if (cached.Result is not { } result)
            throw Failed(CniFailure.Cache, "no result of an ADD is recorded");
        foreach (PluginConfig plugin in network.Plugins)
        {
            ReadOnlyMemory<byte> stdin = PluginStdin.Compose(network, plugin, attachment.Capabilities, ResultConversion.Convert(result, network.Version));
            await invoker.InvokeAsync(new PluginCall("CHECK", plugin.Type, network.Name, attachment, stdin), cancellationToken).ConfigureAwait(false);
        }

        CniException Failed(CniFailure failure, string reason) =>
            new(failure, $"CNI CHECK for pod {attachment.Pod} on network \"{network.Name}\": {reason}") { Command = "CHECK", Network = network.Name, Pod = attachment.Pod };
    }
}
