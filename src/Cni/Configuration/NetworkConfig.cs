using System.Text.Json;

namespace CriRuntime.Cni.Configuration;

/// <summary>A network configuration list (CNI spec section 1), immutable.</summary>
internal sealed record NetworkConfig
{
    public required string Name { get; init; }

    public required CniVersion Version { get; init; }

    public bool DisableCheck { get; init; }

    public bool DisableGc { get; init; }

    /// <summary>At least one, in the order of ADD.</summary>
    public required IReadOnlyList<PluginConfig> Plugins { get; init; }

    /// <summary>The list as JSON with every plugin inlined: what the cache keeps for DEL.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Where it was read from: a file, or the cache.</summary>
    public required string Source { get; init; }

    /// <summary>True for the loopback configuration other runtimes need: pods have lo without a plugin here.</summary>
    public bool IsLoopback => Plugins.All(plugin => plugin.Type == "loopback");
}

/// <summary>One plugin of a list.</summary>
/// <param name="Type">The binary's file name.</param>
/// <param name="Capabilities">Names of the capabilities that the plugin declares.</param>
/// <param name="Json">The plugin's own object, as written.</param>
internal sealed record PluginConfig(string Type, IReadOnlySet<string> Capabilities, JsonElement Json);
