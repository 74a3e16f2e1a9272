using System.Text.Json;

namespace CriRuntime.Cni.Configuration;

/// <summary>
/// Reads of JSON by plain loops. LINQ over a value type (JsonElement, JsonProperty) makes the AOT compiler generate a thousand
/// methods for each such type: megabytes of program for a line saved.
/// </summary>
internal static class JsonText
{
    /// <summary>The strings of an array; other members are passed over.</summary>
    internal static List<string> StringsOf(JsonElement array)
    {
        List<string> strings = [];
        foreach (JsonElement member in array.EnumerateArray())
        {
            if (member.ValueKind == JsonValueKind.String)
                strings.Add(member.GetString()!);
        }

        return strings;
    }

    /// <summary>Whether the object has a member whose name is among <paramref name="names"/>.</summary>
    internal static bool HasAny(JsonElement members, IReadOnlySet<string> names)
    {
        foreach (JsonProperty member in members.EnumerateObject())
        {
            if (names.Contains(member.Name))
                return true;
        }

        return false;
    }
}
