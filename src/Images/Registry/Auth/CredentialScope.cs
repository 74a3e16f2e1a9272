using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry.Auth;

/// <summary>Which endpoint may see which credentials.</summary>
internal static class CredentialScope
{
    /// <summary>
    /// The credentials for an endpoint of an image's registry: the registry itself gets those without a server
    /// address, and any endpoint those that name it. Null: it is asked anonymously.
    /// </summary>
    public static RegistryCredentials? For(RegistryEndpoint endpoint, Reference image, RegistryCredentials? credentials)
    {
        if (credentials is null || credentials.IsEmpty)
            return null;
        if (string.IsNullOrEmpty(credentials.ServerAddress))
            return endpoint.IsMirror ? null : credentials;
        string named = RegistryHosts.Canonical(HostOf(credentials.ServerAddress));
        string host = endpoint.IsMirror ? RegistryHosts.Canonical(endpoint.Host) : image.Domain;
        return named.Equals(host, StringComparison.OrdinalIgnoreCase) ? credentials : null;
    }

    private static string HostOf(string address)
    {
        int scheme = address.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? address : address[(scheme + 3)..];
        int slash = rest.IndexOf('/');
        return slash < 0 ? rest : rest[..slash];
    }
}
