using CriRuntime.Nri.Merging;
using Google.Protobuf.Collections;

namespace CriRuntime.CriServer.Nri;

/// <summary>A map with the entries that plugins want, and without those that they do not.</summary>
internal static class AdjustedMap
{
    /// <summary>A key that is removed and set is set.</summary>
    internal static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, string> map, MapField<string, string> wanted)
    {
        if (wanted.Count == 0)
            return map;
        Dictionary<string, string> adjusted = new(map, StringComparer.Ordinal);
        foreach (string key in wanted.Keys)
        {
            if (Removal.Read(key) is (string removed, true))
                adjusted.Remove(removed);
        }

        foreach ((string key, string value) in wanted)
        {
            if (!Removal.Read(key).Removed)
                adjusted[key] = value;
        }

        return adjusted;
    }
}
