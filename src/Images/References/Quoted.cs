using System.Globalization;
using System.Text;

namespace CriRuntime.Images.References;

/// <summary>Text from outside made fit for an error message: one line, printable, of bounded length.</summary>
public static class Quoted
{
    private const int NameLimit = 128;

    /// <summary>The text in double quotes, control characters escaped, cut after 128 characters.</summary>
    public static string Name(string? text) => $"\"{Text(text, NameLimit)}\"";

    /// <summary>The text with control and unpaired characters escaped, cut after <paramref name="limit"/> characters.</summary>
    public static string Text(string? text, int limit)
    {
        if (text is null)
            return string.Empty;
        StringBuilder quoted = new(Math.Min(text.Length, limit) + 16);
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, limit)))
            Append(quoted, c);
        if (text.Length > limit)
            quoted.Append(CultureInfo.InvariantCulture, $"... ({text.Length} characters)");
        return quoted.ToString();
    }

    private static void Append(StringBuilder quoted, char c)
    {
        bool strange = char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is
            UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
        if (strange)
            quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        else
            quoted.Append(c);
    }
}
