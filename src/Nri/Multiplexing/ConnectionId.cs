namespace CriRuntime.Nri.Multiplexing;

/// <summary>The two logical connections on a plugin's socket, as containerd/nri numbers them (pkg/net/multiplex).</summary>
internal static class ConnectionId
{
    /// <summary>The runtime calls, the plugin serves.</summary>
    internal const uint PluginService = 1;

    /// <summary>The plugin calls, the runtime serves.</summary>
    internal const uint RuntimeService = 2;
}
