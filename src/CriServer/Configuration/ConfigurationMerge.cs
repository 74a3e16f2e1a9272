using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>Lays layers over one another, key by key, and remembers which layer each value came from. Lists are replaced, not joined.</summary>
internal sealed class ConfigurationMerge
{
    private readonly Dictionary<string, string> _origins = [];

    // The defaults are the first layer, so that the merged document has every key: the JSON reader would otherwise
    // give init-only properties the zero of their type and not their initial value.
    internal JsonObject Values { get; } = Defaults();

    internal static JsonObject Defaults() =>
        JsonSerializer.SerializeToNode(new ServerConfiguration(), ConfigurationJson.Default.ServerConfiguration)!.AsObject();

    internal void Apply(ConfigurationLayer layer) => Apply(layer.Origin, layer.Values, Values, "");

    /// <summary>The layer that set <paramref name="key"/> or its nearest parent; "the defaults" where none did.</summary>
    internal string OriginOf(string key)
    {
        int index = key.IndexOf('[', StringComparison.Ordinal);
        for (string at = index < 0 ? key : key[..index]; at.Length > 0; at = at.LastIndexOf('.') is > 0 and int dot ? at[..dot] : "")
        {
            if (_origins.TryGetValue(at, out string? origin))
                return origin;
        }

        return "the defaults";
    }

    private void Apply(string origin, JsonObject from, JsonObject onto, string prefix)
    {
        foreach ((string name, JsonNode? value) in from)
        {
            string key = prefix.Length == 0 ? name : $"{prefix}.{name}";
            if (value is JsonObject child && onto[name] is JsonObject existing)
            {
                Apply(origin, child, existing, key);
                continue;
            }

            onto[name] = value?.DeepClone();
            _origins[key] = origin;
        }
    }
}
