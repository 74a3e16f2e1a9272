using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Plugins;

/// <summary>One execution of one plugin.</summary>
/// <param name="Command">CNI_COMMAND.</param>
/// <param name="Plugin">The plugin's type.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Attachment">The pod's interface; null for GC, STATUS and VERSION.</param>
/// <param name="Stdin">The plugin's configuration.</param>
internal sealed record PluginCall(string Command, string Plugin, string Network, Attachment? Attachment, ReadOnlyMemory<byte> Stdin)
{
    /// <summary>The exception for this call, its message naming command, plugin, network and pod.</summary>
    internal CniException Failed(CniFailure failure, string reason, int? code = null, Exception? inner = null)
    {
        string pod = Attachment is null ? "" : $" for pod {CniNames.Printable(Attachment.Pod, 300)}";
        return new CniException(failure, $"CNI {Command}{pod} on network \"{Network}\": plugin \"{Plugin}\" {reason}", inner)
        {
            Command = Command,
            Plugin = Plugin,
            Network = Network,
            Pod = Attachment?.Pod,
            Code = code,
        };
    }
}
