namespace CriRuntime.CriServer.Lsm;

/// <summary>The level of a context: <c>s0</c>, <c>s0:c4,c5</c>, <c>s0-s0:c0.c1023</c>.</summary>
public static class SelinuxLevel
{
    /// <summary>A sensitivity or a range of two; then, perhaps, categories and ranges of them.</summary>
    public static bool IsValid(string level)
    {
        string[] parts = level.Split(':');
        // The low end of a range may have categories as well: s0:c1-s0:c1,c2.
        if (parts.Length == 3 && parts[1].Split('-') is [string low, string high])
            return IsSensitivity(parts[0]) && AreCategories(low) && IsSensitivity(high) && AreCategories(parts[2]);
        if (parts.Length > 2)
            return false;
        string[] range = parts[0].Split('-');
        return range.Length <= 2 && range.All(IsSensitivity) && (parts.Length == 1 || AreCategories(parts[1]));
    }

    private static bool IsSensitivity(string text) => IsNumbered(text, 's');

    private static bool AreCategories(string text) =>
        text.Split(',').All(part => part.Split('.') is { Length: <= 2 } ends && ends.All(end => IsNumbered(end, 'c')));

    private static bool IsNumbered(string text, char letter) =>
        text.Length is >= 2 and <= 5 && text[0] == letter && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
}
