using Google.Protobuf.Collections;

namespace CriRuntime.CriServer.Services;

/// <summary>Labels, annotations and the like.</summary>
internal static class MapTranslation
{
    /// <summary>Sorted by key: maps on the wire come in any order, and equal requests must look equal.</summary>
    public static SortedDictionary<string, string> ToDomain(this MapField<string, string> map) => new(map, StringComparer.Ordinal);

    /// <summary>Whether an object with these labels is one that the selector means: all of its pairs are there.</summary>
    public static bool Matches(this MapField<string, string> selector, SortedDictionary<string, string> labels)
    {
        foreach ((string key, string value) in selector)
        {
            if (!labels.TryGetValue(key, out string? label) || label != value)
                return false;
        }

        return true;
    }
}
