using System.Collections.Immutable;
using System.Globalization;
using CriRuntime.Linux.Systemd;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>
/// Further properties of a container's scope, which annotations <c>org.systemd.property.NAME</c> give it, as with runc and crun. Values are GVariant text:
/// <c>'words'</c>, <c>true</c>, <c>5</c> (32 bits), <c>uint64 5</c>, <c>['a.service', 'b.service']</c>. A number for a name that ends in Sec is in seconds.
/// </summary>
public static class UnitAnnotations
{
    private const string Prefix = "org.systemd.property.";
    private const string Wide = "uint64 ";
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>What makes a scope the container's is not for others to say.</summary>
    private static readonly string[] Ours = ["PIDs", "Slice", "Delegate"];

    /// <exception cref="CgroupException">A name or value that is none.</exception>
    public static IReadOnlyList<UnitProperty> Parse(IReadOnlyDictionary<string, string> annotations)
    {
        List<UnitProperty> properties = [];
        foreach ((string key, string value) in annotations)
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal))
                properties.Add(Property(key, key[Prefix.Length..], value.Trim()));
        }
        return properties;
    }

    private static UnitProperty Property(string key, string name, string value)
    {
        if (name.Length == 0 || !char.IsAsciiLetterUpper(name[0]) || !name.All(char.IsAsciiLetter) || Ours.Contains(name))
            throw new CgroupException($"annotation {key}: {name} is not a property that a container can have");
        if (value is "true" or "false")
            return new UnitProperty.Flag(name, value == "true");
        if (Quoted(value) is { } text)
            return new UnitProperty.Text(name, text);
        if (value.StartsWith('[') && value.EndsWith(']') && List(value[1..^1]) is { } units)
            return new UnitProperty.Units(name, units);
        return Number(name, value) ?? throw new CgroupException($"annotation {key}: {value} is not a value such as 'words', true, 5, uint64 5 or ['a', 'b']");
    }

    private static UnitProperty? Number(string name, string value)
    {
        bool seconds = name.EndsWith("Sec", StringComparison.Ordinal) && !name.EndsWith("USec", StringComparison.Ordinal);
        bool wide = value.StartsWith(Wide, StringComparison.Ordinal);
        if ((wide || seconds) && ulong.TryParse(wide ? value.AsSpan(Wide.Length).Trim() : value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return !seconds ? new UnitProperty.Number(name, number)
                : number <= ulong.MaxValue / MicrosecondsPerSecond ? new UnitProperty.Number(name[..^"Sec".Length] + "USec", number * MicrosecondsPerSecond)
                : null;
        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int integer) ? new UnitProperty.Integer(name, integer) : null;
    }

    private static ImmutableArray<string>? List(string text)
    {
        ImmutableArray<string>.Builder items = ImmutableArray.CreateBuilder<string>();
        foreach (string item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Quoted(item) is not { } name)
                return null;
            items.Add(name);
        }
        return items.ToImmutable();
    }

    /// <summary>A string between quotes of one kind, without escapes; null for anything else.</summary>
    private static string? Quoted(string text)
    {
        if (text.Length < 2 || text[0] is not ('\'' or '"') || text[^1] != text[0])
            return null;
        string inner = text[1..^1];
        return inner.Contains(text[0], StringComparison.Ordinal) || inner.Contains('\\', StringComparison.Ordinal) ? null : inner;
    }
}
