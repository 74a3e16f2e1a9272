using System.Text;

namespace CriRuntime.Cni.Configuration;

/// <summary>Which names CNI allows (spec sections 1 and 2), and how a foreign text is shown in a message.</summary>
internal static class CniNames
{
    /// <summary>Longest interface name: IFNAMSIZ less the terminating zero.</summary>
    private const int MaxInterfaceName = 15;

    /// <summary>A network name or container id: a letter or digit, then letters, digits, '_', '.', '-'.</summary>
    internal static bool IsIdentifier(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    internal static bool IsInterfaceName(string text) =>
        text.Length is > 0 and <= MaxInterfaceName && text is not ("." or "..") && !text.Any(c => c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>The text without control characters, cut to <paramref name="limit"/> characters: fit for a log line.</summary>
    internal static string Printable(string text, int limit)
    {
        StringBuilder shown = new(Math.Min(text.Length, limit) + 3);
        foreach (char c in text.AsSpan().Trim())
        {
            if (shown.Length >= limit)
                return shown.Append("...").ToString();
            shown.Append(char.IsControl(c) ? ' ' : c);
        }

        return shown.ToString();
    }
}
