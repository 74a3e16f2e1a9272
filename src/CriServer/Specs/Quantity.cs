using System.Globalization;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Specs;

/// <summary>Kubernetes' resource quantities (<c>10M</c>, <c>1Gi</c>), as bandwidth annotations and classes have them.</summary>
public static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m), ("", 1),
    ];

    /// <summary>0 when the annotation is missing.</summary>
    /// <exception cref="CriException">InvalidArgument naming the annotation.</exception>
    public static long BitsPerSecond(string annotation, IReadOnlyDictionary<string, string> annotations)
    {
        if (!annotations.TryGetValue(annotation, out string? text))
            return 0;
        return TryParse(text, out long value)
            ? value
            : throw CriException.InvalidArgument($"annotation {annotation}: \"{TextLimits.Shorten(text)}\" is not a quantity");
    }

    /// <summary>Not negative; what has fractions is rounded up, as Kubernetes does.</summary>
    public static bool TryParse(string text, out long value)
    {
        value = 0;
        (string suffix, decimal factor) = Suffixes.First(entry => text.EndsWith(entry.Suffix, StringComparison.Ordinal));
        bool parsed = decimal.TryParse(
            text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number);
        if (!parsed || number > long.MaxValue / factor)
            return false;
        value = (long)Math.Ceiling(number * factor);
        return true;
    }
}
