namespace CriRuntime.Nri.Merging;

/// <summary>A '-' before a key: the entry is to go.</summary>
public static class Removal
{
    private const string Mark = "-";

    public static string Of(string key) => Mark + key;

    /// <summary>The key without the mark, and whether it had one.</summary>
    public static (string Key, bool Removed) Read(string key) =>
        key.StartsWith(Mark, StringComparison.Ordinal) ? (key[Mark.Length..], true) : (key, false);
}
