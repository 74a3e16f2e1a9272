using System.Diagnostics.CodeAnalysis;

namespace CriRuntime.Images.References;

/// <summary>
/// The grammar of distribution/reference, read by hand in one pass (no backtracking on hostile input):
/// <code>
/// reference      := name [ ":" tag ] [ "@" digest ]
/// name           := [ domain "/" ] component { "/" component }
/// component      := alnum { separator alnum }      alnum [a-z0-9]+   separator "." | "_" | "__" | "-"+
/// tag            := [A-Za-z0-9_] [A-Za-z0-9_.-]{0,127}
/// </code>
/// The first component is a domain when it has a dot, a colon or an upper-case letter, or is "localhost".
/// </summary>
internal static class ReferenceGrammar
{
    private const int NameLimit = 255;
    private const int TextLimit = 1024;
    private const string Hub = "index.docker.io";

    /// <summary>Null and the reference, or what is wrong with the text.</summary>
    public static string? Read(string? text, out Reference? reference)
    {
        reference = null;
        if (string.IsNullOrEmpty(text))
            return "it is empty";
        if (text.Length > TextLimit)
            return $"it is longer than {TextLimit} characters";
        if (text.Length == 64 && !text.AsSpan().ContainsAnyExcept(Alphabet.LowerHex))
            return "64 hex digits are an image id, not a name";
        SplitDomain(text, out string domain, out string rest);
        if (!DomainGrammar.IsDomain(domain))
            return $"{Quoted.Name(domain)} is not a registry host";
        return ReadRest(domain, rest, out reference);
    }

    private static string? ReadRest(string domain, string rest, out Reference? reference)
    {
        reference = null;
        if (!SplitOff(ref rest, '@', out string? digestText) || !SplitOff(ref rest, ':', out string? tag))
            return "a separator (':' or '@') has nothing after it";
        if (rest.AsSpan().IndexOfAnyInRange('A', 'Z') >= 0)
            return "the repository name must be lower-case";
        if (domain == Reference.DefaultDomain && !rest.Contains('/'))
            rest = Reference.OfficialPrefix + rest;
        if (!IsPath(rest))
            return "the repository name may hold lower-case letters, digits and single separators (. _ __ -) between them";
        if (domain.Length + 1 + rest.Length > NameLimit)
            return $"the name is longer than {NameLimit} characters";
        if (tag is not null && !IsTag(tag))
            return $"invalid tag {Quoted.Name(tag)}: want 1 to 128 letters, digits, '_', '.' and '-'";
        Digest? digest = null;
        if (digestText is not null && !Digest.TryParse(digestText, out digest))
            return $"invalid digest {Quoted.Name(digestText)}";
        reference = new Reference(domain, rest, tag ?? (digest is null ? Reference.DefaultTag : null), digest);
        return null;
    }

    /// <summary>Cuts the text at the first separator; false when there is one with nothing after it.</summary>
    private static bool SplitOff(ref string text, char separator, out string? tail)
    {
        int at = text.IndexOf(separator);
        tail = at < 0 ? null : text[(at + 1)..];
        if (at >= 0)
            text = text[..at];
        return tail is not { Length: 0 };
    }

    private static void SplitDomain(string text, out string domain, out string rest)
    {
        int slash = text.IndexOf('/');
        string first = slash < 0 ? "" : text[..slash];
        bool isDomain = first.AsSpan().IndexOfAny('.', ':') >= 0
            || first == "localhost"
            || first.AsSpan().IndexOfAnyInRange('A', 'Z') >= 0
            || (slash == 0);
        domain = isDomain ? first : Reference.DefaultDomain;
        rest = isDomain ? text[(slash + 1)..] : text;
        if (domain == Hub)
            domain = Reference.DefaultDomain;
    }

    private static bool IsPath(ReadOnlySpan<char> path)
    {
        foreach (Range part in path.Split('/'))
        {
            if (!IsComponent(path[part]))
                return false;
        }
        return true;
    }

    private static bool IsComponent(ReadOnlySpan<char> component)
    {
        while (true)
        {
            int word = component.IndexOfAnyExcept(Alphabet.LowerAlphanumeric);
            if (word < 0)
                return component.Length > 0;
            if (word == 0)
                return false;
            component = component[word..];
            int separator = SeparatorLength(component);
            if (separator == 0)
                return false;
            component = component[separator..];
        }
    }

    private static int SeparatorLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '-')
            return text.Length - text.TrimStart('-').Length;
        if (text[0] == '.')
            return 1;
        if (text[0] != '_')
            return 0;
        return text.Length > 1 && text[1] == '_' ? 2 : 1;
    }

    private static bool IsTag([NotNullWhen(true)] string? tag) =>
        tag is { Length: > 0 and <= 128 }
        && tag[0] is not ('.' or '-')
        && !tag.AsSpan().ContainsAnyExcept(Alphabet.Tag);
}
