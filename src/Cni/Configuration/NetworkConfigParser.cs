using System.Text.Json;

namespace CriRuntime.Cni.Configuration;

/// <summary>JSON to <see cref="NetworkConfig"/>: lists (.conflist) and single plugins (.conf, .json), which become lists of one.</summary>
internal static class NetworkConfigParser
{
    // <name>-<64 hex>-<15> must fit a file name of 255 bytes in the cache.
    private const int MaxNameLength = 128;

    /// <summary>Parses a list.</summary>
    /// <param name="loadPlugins">Gives the plugin objects kept in the directory of the network's name, for lists that do not say <c>loadOnlyInlinedPlugins</c>.</param>
    /// <exception cref="NetworkConfigException">It is not a usable list.</exception>
    internal static NetworkConfig ParseList(ReadOnlyMemory<byte> json, string source, Func<string, IEnumerable<JsonElement>>? loadPlugins = null)
    {
        JsonElement root = ParseObject(json);
        string name = RequireName(root);
        List<JsonElement> plugins = [];
        if (root.TryGetProperty("plugins", out JsonElement inlined))
        {
            if (inlined.ValueKind != JsonValueKind.Array)
                throw new NetworkConfigException("\"plugins\" is not a list");
            plugins.AddRange(inlined.EnumerateArray());
        }
        else if (root.TryGetProperty("type", out _))
        {
            throw new NetworkConfigException("no \"plugins\": this is a single plugin's configuration, which belongs into a .conf file");
        }

        bool onlyInlined = ReadFlag(root, "loadOnlyInlinedPlugins");
        if (!onlyInlined && loadPlugins is not null)
            plugins.AddRange(loadPlugins(name));
        if (plugins.Count == 0)
            throw new NetworkConfigException("no plugins in the list");
        return Build(root, name, plugins, source);
    }

    /// <summary>Parses a single plugin's configuration.</summary>
    /// <param name="defaultName">The network's name when the configuration gives none.</param>
    /// <exception cref="NetworkConfigException">It is not a usable configuration.</exception>
    internal static NetworkConfig ParsePlugin(ReadOnlyMemory<byte> json, string source, string defaultName)
    {
        JsonElement root = ParseObject(json);
        if (!root.TryGetProperty("type", out _))
            throw new NetworkConfigException("no \"type\"; perhaps this is a .conflist?");
        return Build(root, root.TryGetProperty("name", out _) ? RequireName(root) : RequireName(defaultName), [root], source);
    }

    /// <summary>Parses one object of a list's directory.</summary>
    internal static JsonElement ParseObject(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new NetworkConfigException("not a JSON object");
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new NetworkConfigException($"not valid JSON: {e.Message}", e);
        }
    }

    private static NetworkConfig Build(JsonElement root, string name, IReadOnlyList<JsonElement> plugins, string source)
    {
        CniVersion version = NegotiateVersion(root);
        bool disableCheck = ReadFlag(root, "disableCheck");
        bool disableGc = ReadFlag(root, "disableGC");
        return new NetworkConfig
        {
            Name = name,
            Version = version,
            DisableCheck = disableCheck,
            DisableGc = disableGc,
            Plugins = [.. plugins.Select(ReadPlugin)],
            Json = NetworkConfigWriter.Write(name, version, disableCheck, disableGc, plugins),
            Source = source,
        };
    }

    /// <summary>The highest version of <c>cniVersion</c> and <c>cniVersions</c> that is spoken here (CNI spec 1.1, section 1).</summary>
    private static CniVersion NegotiateVersion(JsonElement root)
    {
        List<string> offered = [];
        if (root.TryGetProperty("cniVersion", out JsonElement single) && single.ValueKind == JsonValueKind.String)
            offered.Add(single.GetString()!);
        if (root.TryGetProperty("cniVersions", out JsonElement several) && several.ValueKind == JsonValueKind.Array)
            offered.AddRange(JsonText.StringsOf(several));
        offered.RemoveAll(string.IsNullOrEmpty);
        if (offered.Count == 0)
            return CniVersion.Oldest;
        CniVersion highest = default;
        foreach (string text in offered)
        {
            if (CniVersion.TryParse(text, out CniVersion version) && version.IsSupported && version.CompareTo(highest) > 0)
                highest = version;
        }

        return highest.IsSupported
            ? highest
            : throw new NetworkConfigException($"cniVersion {string.Join(", ", offered)} is not supported (known: {string.Join(", ", CniVersion.Supported)})");
    }

    private static PluginConfig ReadPlugin(JsonElement plugin)
    {
        if (plugin.ValueKind != JsonValueKind.Object)
            throw new NetworkConfigException("a plugin is not a JSON object");
        if (!plugin.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String || type.GetString() is not { Length: > 0 } typeName)
            throw new NetworkConfigException("a plugin has no \"type\"");
        if (typeName.Contains('/') || typeName is "." or ".." || typeName.Contains('\0'))
            throw new NetworkConfigException($"plugin type \"{typeName}\" is not a plain file name");
        HashSet<string> capabilities = [];
        if (plugin.TryGetProperty("capabilities", out JsonElement declared) && declared.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty capability in declared.EnumerateObject())
            {
                if (capability.Value.ValueKind == JsonValueKind.True)
                    capabilities.Add(capability.Name);
            }
        }

        return new PluginConfig(typeName, capabilities, plugin.Clone());
    }

    private static string RequireName(JsonElement root) =>
        root.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? RequireName(name.GetString()!)
            : throw new NetworkConfigException("no \"name\"");

    private static string RequireName(string name) =>
        CniNames.IsIdentifier(name) && name.Length <= MaxNameLength
            ? name
            : throw new NetworkConfigException($"name \"{CniNames.Printable(name, 150)}\" is not a network name (letters, digits, '_', '.', '-', at most {MaxNameLength})");

    /// <summary>A boolean, or the string "true" or "false", as libcni reads its switches.</summary>
    private static bool ReadFlag(JsonElement root, string key)
    {
        if (!root.TryGetProperty(key, out JsonElement value))
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            JsonValueKind.String when bool.TryParse(value.GetString(), out bool flag) => flag,
            _ => throw new NetworkConfigException($"\"{key}\" is neither true nor false"),
        };
    }
}
