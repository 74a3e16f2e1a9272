namespace CriRuntime.CriServer.Handlers;

/// <summary>Which annotations of a pod and its container go into the specification, where a runtime or a hook may act on them.</summary>
public static class AnnotationFilter
{
    /// <summary>What this runtime says itself; nobody else may.</summary>
    private const string Reserved = "io.kubernetes.cri.";

    /// <summary>The allowed ones; a container's come before its pod's.</summary>
    public static Dictionary<string, string> Allowed(
        IReadOnlyList<string> patterns, IReadOnlyDictionary<string, string> pod, IReadOnlyDictionary<string, string> container)
    {
        Dictionary<string, string> allowed = new(StringComparer.Ordinal);
        foreach (IReadOnlyDictionary<string, string> annotations in (IReadOnlyDictionary<string, string>[])[pod, container])
        {
            foreach ((string key, string value) in annotations)
            {
                if (!key.StartsWith(Reserved, StringComparison.Ordinal) && patterns.Any(pattern => Matches(pattern, key)))
                    allowed[key] = value;
            }
        }

        return allowed;
    }

    /// <summary><c>*</c> stands for any characters, also none.</summary>
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> key)
    {
        int star = pattern.IndexOf('*');
        if (star < 0)
            return pattern.SequenceEqual(key);
        if (!key.StartsWith(pattern[..star], StringComparison.Ordinal))
            return false;
        key = key[star..];
        pattern = pattern[(star + 1)..];
        // Each further piece as early as possible, the last one at the end.
        while ((star = pattern.IndexOf('*')) >= 0)
        {
            int place = key.IndexOf(pattern[..star], StringComparison.Ordinal);
            if (place < 0)
                return false;
            key = key[(place + star)..];
            pattern = pattern[(star + 1)..];
        }

        return key.EndsWith(pattern, StringComparison.Ordinal);
    }
}
