using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>What strings in requests may be. The limits are far above anything that Kubernetes lets through.</summary>
public static class TextLimits
{
    public const int MaxName = 512;
    public const int MaxLabel = 4096;
    public const int MaxAnnotation = 1 << 20;
    private const int MaxPath = 4095;
    private const int MaxEntries = 4096;

    /// <exception cref="CriException">InvalidArgument naming the field, as all of these.</exception>
    public static void Name(string field, string value)
    {
        if (value.Length == 0)
            throw CriException.InvalidArgument($"{field} is empty");
        OptionalName(field, value);
    }

    public static void OptionalName(string field, string value)
    {
        if (value.Length > MaxName)
            throw CriException.InvalidArgument($"{field} has {value.Length} characters; at most {MaxName} are allowed");
        if (value.Contains('/') || value.Any(char.IsControl))
            throw CriException.InvalidArgument($"{field} \"{Shorten(value)}\" has a '/' or a control character");
    }

    public static void Map(string field, IReadOnlyDictionary<string, string> map, int maxValue)
    {
        if (map.Count > MaxEntries)
            throw CriException.InvalidArgument($"{field} has {map.Count} entries; at most {MaxEntries} are allowed");
        foreach ((string key, string value) in map)
        {
            if (key.Length is 0 or > MaxLabel)
                throw CriException.InvalidArgument($"{field} has a key of {key.Length} characters; 1 to {MaxLabel} are allowed");
            if (value.Length > maxValue)
                throw CriException.InvalidArgument($"{field}: the value of \"{Shorten(key)}\" has {value.Length} characters; at most {maxValue} are allowed");
        }
    }

    /// <summary>An absolute path without "..".</summary>
    public static void AbsolutePath(string field, string path, bool optional = false)
    {
        if (optional && path.Length == 0)
            return;
        if (path.Length is 0 or > MaxPath || path[0] != '/' || path.Contains('\0'))
            throw CriException.InvalidArgument($"{field} \"{Shorten(path)}\" is not an absolute path of at most {MaxPath} characters");
        if (HasDotDot(path))
            throw CriException.InvalidArgument($"{field} \"{Shorten(path)}\" has \"..\" in it");
    }

    public static bool HasDotDot(string path) => path.Split('/').Contains("..");

    /// <summary>For messages: the beginning of a long text, without control characters.</summary>
    public static string Shorten(string text)
    {
        string head = text.Length <= 100 ? text : text[..100] + "...";
        return string.Concat(head.Select(c => char.IsControl(c) ? '?' : c));
    }
}
