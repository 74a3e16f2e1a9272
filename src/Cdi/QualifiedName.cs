namespace CriRuntime.Cdi;

/// <summary>A device's full name, <c>vendor.com/class=name</c> (CDI, Kind and CDI Devices).</summary>
public readonly record struct QualifiedName(string Kind, string Device)
{
    /// <exception cref="CdiException">Not of that form.</exception>
    public static QualifiedName Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0 && IsKind(text[..equals]) && IsDevice(text[(equals + 1)..]))
            return new QualifiedName(text[..equals], text[(equals + 1)..]);
        throw new CdiException($"\"{text}\" is not the full name of a CDI device, such as vendor.com/class=name");
    }

    /// <summary>Vendor and class: both begin with a letter, end with a letter or digit, and have those, <c>-</c>, <c>_</c> and <c>.</c> between.</summary>
    public static bool IsKind(string kind)
    {
        int slash = kind.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IsLabel(kind.AsSpan(0, slash), 253) && IsLabel(kind.AsSpan(slash + 1), 63);
    }

    /// <summary>Begins and ends with a letter or digit, with those, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c> between.</summary>
    public static bool IsDevice(string name) => IsName(name, ":", 253);

    public override string ToString() => $"{Kind}={Device}";

    private static bool IsLabel(ReadOnlySpan<char> text, int longest) => text.Length > 0 && char.IsAsciiLetter(text[0]) && IsName(text, "", longest);

    private static bool IsName(ReadOnlySpan<char> text, string more, int longest)
    {
        if (text.Length == 0 || text.Length > longest || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
            return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.') && !more.Contains(c, StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
