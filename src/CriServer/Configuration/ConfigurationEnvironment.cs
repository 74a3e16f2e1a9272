using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>
/// Variables <c>CRIRUNTIME_&lt;KEY&gt;</c>: the dotted key in upper snake case (<c>cni.confDir</c> is <c>CRIRUNTIME_CNI_CONF_DIR</c>);
/// lists are separated by colons, except lists that may hold URLs, which only files can set.
/// </summary>
internal static class ConfigurationEnvironment
{
    internal const string Prefix = "CRIRUNTIME_";

    /// <summary>Names the configuration file; not a key itself.</summary>
    internal const string ConfigFile = Prefix + "CONFIG";

    /// <exception cref="ConfigurationException">A variable with the prefix names no key, or its value has the wrong type.</exception>
    internal static ConfigurationLayer Read(IDictionary variables)
    {
        Dictionary<string, (string Key, JsonNode Default)> known = [];
        AddKeys(known, ConfigurationMerge.Defaults(), "");

        ConfigurationLayer layer = new("the environment", []);
        foreach (DictionaryEntry entry in variables)
        {
            string name = (string)entry.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name == ConfigFile)
                continue;
            if (!known.TryGetValue(name, out (string Key, JsonNode Default) setting))
                throw new ConfigurationException($"environment variable {name} names no configuration key; docs/configuration.md lists the keys");
            layer.Set(setting.Key, Convert(name, (string?)entry.Value ?? "", setting.Default));
        }

        return layer;
    }

    private static void AddKeys(Dictionary<string, (string, JsonNode)> known, JsonObject at, string prefix)
    {
        foreach ((string name, JsonNode? value) in at)
        {
            string key = prefix.Length == 0 ? name : $"{prefix}.{name}";
            if (value is JsonObject child)
                AddKeys(known, child, key);
            else if (value is not null)
                known.Add(VariableOf(key), (key, value));
        }
    }

    private static string VariableOf(string key)
    {
        StringBuilder name = new(Prefix);
        foreach (char c in key)
        {
            if (c == '.')
            {
                name.Append('_');
                continue;
            }

            if (char.IsAsciiLetterUpper(c))
                name.Append('_');
            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private static JsonNode Convert(string name, string text, JsonNode like)
    {
        if (like is JsonArray)
        {
            string[] parts = text.Split(':', StringSplitOptions.RemoveEmptyEntries);
            return new JsonArray([.. parts.Select(part => (JsonNode)JsonValue.Create(part))]);
        }

        return like.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => bool.TryParse(text, out bool flag)
                ? JsonValue.Create(flag)
                : throw new ConfigurationException($"environment variable {name}: '{text}' is not true or false"),
            JsonValueKind.Number => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? JsonValue.Create(number)
                : throw new ConfigurationException($"environment variable {name}: '{text}' is not a whole number"),
            _ => JsonValue.Create(text),
        };
    }
}
