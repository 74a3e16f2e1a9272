using System.Collections.Immutable;

namespace CriRuntime.Images.Registry.Http;

/// <summary>Strikes known secrets out of what a server says, should it echo what it was sent.</summary>
internal sealed class SecretMask
{
    private ImmutableArray<string> _secrets = [];

    public void Add(string? secret)
    {
        // Shorter ones would strike out ordinary words, and are no secrets anyway.
        if (secret is { Length: >= 4 })
            ImmutableInterlocked.Update(ref _secrets, static (list, s) => list.Contains(s) ? list : list.Add(s), secret);
    }

    public string Apply(string text)
    {
        foreach (string secret in _secrets)
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }
}
