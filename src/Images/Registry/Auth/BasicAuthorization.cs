using System.Net.Http.Headers;
using System.Text;

namespace CriRuntime.Images.Registry.Auth;

/// <summary>The Basic authorization of RFC 7617.</summary>
internal static class BasicAuthorization
{
    /// <summary>Null without a user name.</summary>
    public static AuthenticationHeaderValue? Of(RegistryCredentials? credentials) =>
        credentials?.Username is { Length: > 0 } user
            ? new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{credentials.Password}")))
            : null;
}
