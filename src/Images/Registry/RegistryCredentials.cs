using System.Text;

namespace CriRuntime.Images.Registry;

/// <summary>
/// The CRI's AuthConfig: a user and password, an identity token (OAuth2 refresh token) or a ready bearer token.
/// Prints as its kind only, so that it cannot leak through a log line.
/// </summary>
public sealed record RegistryCredentials
{
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>An OAuth2 refresh token, exchanged at the registry's token realm.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token that is sent to the registry as it is.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>Host or URL that the credentials are for; elsewhere they are not sent. Empty: whatever registry is pulled from.</summary>
    public string? ServerAddress { get; init; }

    /// <summary>True when there is nothing in it to send.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(Username) && string.IsNullOrEmpty(Password)
        && string.IsNullOrEmpty(IdentityToken) && string.IsNullOrEmpty(RegistryToken);

    /// <summary>User and password from the base64 of <c>user:password</c> (AuthConfig.auth).</summary>
    /// <exception cref="ImageException">InvalidArgument; the message does not hold the text.</exception>
    public static RegistryCredentials FromAuth(string auth)
    {
        try
        {
            string decoded = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
            int colon = decoded.IndexOf(':');
            if (colon > 0)
                return new RegistryCredentials { Username = decoded[..colon], Password = decoded[(colon + 1)..].TrimEnd('\0') };
        }
        catch (FormatException)
        {
            // Said below, without an inner exception that could quote the secret.
        }
        throw new ImageException(ImageErrorKind.InvalidArgument, "the auth field of the credentials is not base64 of user:password");
    }

    public override string ToString() => this switch
    {
        { RegistryToken: not (null or "") } => "a registry token",
        { IdentityToken: not (null or "") } => "an identity token",
        { Username: not (null or "") } => "user and password",
        _ => "no credentials",
    };
}
