using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry.Auth;

/// <summary>
/// Makes the request for a bearer token out of a challenge (distribution docs: spec/auth/token.md, oauth.md):
/// a GET with basic credentials or none, or a POST that exchanges an identity token.
/// </summary>
internal static class TokenRequest
{
    private const string ClientId = "criruntime";

    /// <exception cref="RegistryAttemptException">The realm is no URL, or would see credentials without TLS.</exception>
    public static RegistryRequest From(
        AuthChallenge challenge, RegistryEndpoint endpoint, Reference image, RegistryCredentials? credentials, string userAgent)
    {
        Uri realm = RealmOf(challenge, endpoint);
        string? service = challenge.Parameters.GetValueOrDefault("service");
        string scope = challenge.Parameters.GetValueOrDefault("scope") is { Length: > 0 } asked
            ? asked
            : $"repository:{image.Path}:pull";
        if (credentials?.IdentityToken is { Length: > 0 } identity)
            return new RegistryRequest(realm) { Form = Exchange(identity, service, scope), UserAgent = userAgent };
        return new RegistryRequest(WithQuery(realm, service, scope))
        {
            Authorization = BasicAuthorization.Of(credentials),
            UserAgent = userAgent,
        };
    }

    private static Uri RealmOf(AuthChallenge challenge, RegistryEndpoint endpoint)
    {
        if (!Uri.TryCreate(challenge.Parameters.GetValueOrDefault("realm"), UriKind.Absolute, out Uri? realm)
            || realm.Scheme is not ("http" or "https"))
            throw new RegistryAttemptException(
                ImageErrorKind.Unavailable, $"{endpoint.Host} asks for a bearer token without naming a usable realm for it");
        if (realm.Scheme == Uri.UriSchemeHttp && !endpoint.IsPlainHttp)
            throw new RegistryAttemptException(
                ImageErrorKind.Unauthorized,
                $"{endpoint.Host} wants credentials sent over plain http to {realm.Authority}, which is refused");
        return realm;
    }

    private static Uri WithQuery(Uri realm, string? service, string scope)
    {
        List<string> query = [];
        if (realm.Query.Length > 1)
            query.Add(realm.Query[1..]);
        if (!string.IsNullOrEmpty(service))
            query.Add("service=" + Uri.EscapeDataString(service));
        foreach (string one in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            query.Add("scope=" + Uri.EscapeDataString(one));
        return new UriBuilder(realm) { Query = string.Join('&', query), Fragment = "" }.Uri;
    }

    private static List<KeyValuePair<string, string>> Exchange(string identity, string? service, string scope) =>
    [
        new("grant_type", "refresh_token"),
        new("client_id", ClientId),
        new("service", service ?? ""),
        new("scope", scope),
        new("refresh_token", identity),
    ];
}
