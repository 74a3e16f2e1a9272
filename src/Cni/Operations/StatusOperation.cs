using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Operations;

/// <summary>STATUS: is every plugin ready for ADD (CNI 1.1)?</summary>
internal sealed class StatusOperation(PluginInvoker invoker)
{
    /// <summary>Asks every plugin; the first that is not ready throws. Older configurations have no STATUS and are ready.</summary>
    internal async Task RunAsync(NetworkConfig network, CancellationToken cancellationToken)
    {
        if (network.Version < CniVersion.WithGcAndStatus)
            return;
        foreach (PluginConfig plugin in network.Plugins)
            await invoker.InvokeAsync(new PluginCall("STATUS", plugin.Type, network.Name, null, PluginStdin.Compose(network, plugin)), cancellationToken).ConfigureAwait(false);
    }
}
