using System.Net.Http.Headers;

namespace CriRuntime.Images.Registry.Auth;

/// <summary>A <c>WWW-Authenticate</c> challenge (RFC 9110 section 11.6.1): its scheme and parameters.</summary>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    /// <summary>The challenges of a response; malformed parameters are dropped with what follows them.</summary>
    public static IReadOnlyList<AuthChallenge> Of(HttpResponseHeaders headers) =>
        [.. headers.WwwAuthenticate.Select(h => new AuthChallenge(h.Scheme, ParseParameters(h.Parameter)))];

    /// <summary>Reads <c>name=token, name="quoted \" string"</c>.</summary>
    internal static Dictionary<string, string> ParseParameters(ReadOnlySpan<char> text)
    {
        Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            text = text.TrimStart(" \t,");
            int equals = text.IndexOf('=');
            if (equals <= 0)
                return parameters;
            string name = text[..equals].TrimEnd().ToString();
            text = text[(equals + 1)..].TrimStart();
            if (!TakeValue(ref text, out string value))
                return parameters;
            parameters.TryAdd(name, value);
        }
    }

    private static bool TakeValue(ref ReadOnlySpan<char> text, out string value)
    {
        if (text is not ['"', ..])
        {
            int end = text.IndexOf(',') is var comma and >= 0 ? comma : text.Length;
            value = text[..end].TrimEnd().ToString();
            text = text[end..];
            return true;
        }
        System.Text.StringBuilder quoted = new();
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                value = quoted.ToString();
                text = text[(i + 1)..];
                return true;
            }
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            quoted.Append(text[i]);
        }
        value = string.Empty;
        return false;
    }
}
