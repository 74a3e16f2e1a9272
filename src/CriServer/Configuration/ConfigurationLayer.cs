using System.Text.Json.Nodes;

namespace CriRuntime.CriServer.Configuration;

/// <summary>One source of settings: a file, the environment or the command line. Later layers win.</summary>
/// <param name="Origin">How messages call it, e.g. <c>/etc/criruntime/config.json</c>.</param>
public sealed record ConfigurationLayer(string Origin, JsonObject Values)
{
    /// <summary>Sets <paramref name="key"/> (dotted, e.g. <c>cni.confDir</c>), making the objects on the way.</summary>
    internal void Set(string key, JsonNode value)
    {
        string[] names = key.Split('.');
        JsonObject at = Values;
        foreach (string name in names[..^1])
        {
            if (at[name] is not JsonObject next)
                at[name] = next = [];
            at = next;
        }

        at[names[^1]] = value;
    }
}
