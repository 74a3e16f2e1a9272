using System.Net;

namespace CriRuntime.Images.Registry.Http;

/// <summary>Where a redirect may lead. Decides only; <see cref="RegistrySender"/> does it.</summary>
internal static class RedirectPolicy
{
    /// <summary>Hops before a chain of redirects is given up.</summary>
    public const int MaxHops = 6;

    public static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    /// <summary>
    /// The request for the redirect's target: without the Authorization header when scheme, host or port change.
    /// </summary>
    /// <exception cref="RegistryAttemptException">No usable target, or one that would leave TLS.</exception>
    public static RegistryRequest Follow(RegistryRequest previous, Uri? location)
    {
        if (location is null)
            throw Refused(previous, "without a Location");
        if (previous.Form is not null)
            throw Refused(previous, "of a request that carries credentials");
        Uri target = location.IsAbsoluteUri ? location : new Uri(previous.Target, location);
        if (target.Scheme is not ("http" or "https"))
            throw Refused(previous, $"to the scheme {target.Scheme}");
        if (previous.Target.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp)
            throw Refused(previous, $"from https to plain http ({target.Authority})");
        return previous with { Target = target, Authorization = SameOrigin(previous.Target, target) ? previous.Authorization : null };
    }

    public static RegistryAttemptException TooMany(RegistryRequest last) => Refused(last, $"number {MaxHops + 1}: they seem to loop");

    public static bool SameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port
        && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static RegistryAttemptException Refused(RegistryRequest previous, string what) =>
        new(ImageErrorKind.Unavailable, $"{previous.Target.Authority} sent a redirect {what}, which is refused");
}
