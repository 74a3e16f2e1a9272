using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Json;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry.Auth;

/// <summary>
/// The authorization of one pull at one endpoint. Requests carry <see cref="Current"/>; a 401 is answered once:
/// <code>
/// request ─401 Bearer→ token service (basic, identity token or anonymous) ─token→ request again
///         ─401 Basic→  user and password ─→ request again
/// </code>
/// Parallel requests that are challenged together share one answer.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to free.")]
internal sealed class RegistryAuthorizer
{
    private const int TokenBodyLimit = 1 << 20;

    private readonly SemaphoreSlim _answering = new(1, 1);
    private readonly RegistryEndpoint _endpoint;
    private readonly Reference _image;
    private readonly RegistryCredentials? _credentials;
    private readonly RegistrySender _sender;
    private readonly string _userAgent;
    private volatile AuthenticationHeaderValue? _current;

    public RegistryAuthorizer(
        RegistryEndpoint endpoint, Reference image, RegistryCredentials? credentials, RegistrySender sender, string userAgent)
    {
        _endpoint = endpoint;
        _image = image;
        _credentials = CredentialScope.For(endpoint, image, credentials);
        _sender = sender;
        _userAgent = userAgent;
        Secrets.Add(_credentials?.Password);
        Secrets.Add(_credentials?.IdentityToken);
        Secrets.Add(_credentials?.RegistryToken);
        Secrets.Add(BasicAuthorization.Of(_credentials)?.Parameter);
        if (_credentials?.RegistryToken is { Length: > 0 } token)
            _current = Bearer(token, endpoint.Host);
    }

    /// <summary>What to send now; null before the first challenge.</summary>
    public AuthenticationHeaderValue? Current => _current;

    /// <summary>Everything that must not show in a message.</summary>
    public SecretMask Secrets { get; } = new();

    /// <summary>
    /// Answers a 401 to a request that carried <paramref name="sent"/>: true when <see cref="Current"/> is now worth
    /// another try.
    /// </summary>
    /// <exception cref="RegistryAttemptException">The token service refused or failed.</exception>
    public async Task<bool> AnswerAsync(
        IReadOnlyList<AuthChallenge> challenges, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        await _answering.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Equals(sent, _current))
                return true;
            _current = await NextAsync(challenges, sent, cancellationToken).ConfigureAwait(false) ?? _current;
            return !Equals(sent, _current);
        }
        finally
        {
            _answering.Release();
        }
    }

    private async Task<AuthenticationHeaderValue?> NextAsync(
        IReadOnlyList<AuthChallenge> challenges, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        // A ready token is all there is: a token service would answer anonymously and hide that it was refused.
        if (_credentials is { RegistryToken: { Length: > 0 }, Username: null or "", IdentityToken: null or "" })
            return null;
        if (challenges.FirstOrDefault(c => c.IsBearer) is { } bearer)
            return await FetchTokenAsync(bearer, cancellationToken).ConfigureAwait(false);
        bool mayBasic = sent?.Scheme != "Basic" && challenges.Any(c => c.IsBasic);
        return mayBasic ? BasicAuthorization.Of(_credentials) : null;
    }

    private async Task<AuthenticationHeaderValue> FetchTokenAsync(AuthChallenge challenge, CancellationToken cancellationToken)
    {
        RegistryRequest request = TokenRequest.From(challenge, _endpoint, _image, _credentials, _userAgent);
        using RegistryResponse response = await _sender.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Status != 200)
            throw await RegistryFailure.FromAsync(response, Secrets, cancellationToken).ConfigureAwait(false);
        byte[] body = await response.ReadBodyAsync(TokenBodyLimit, cancellationToken).ConfigureAwait(false) ?? [];
        string? token = ReadToken(body);
        Secrets.Add(token);
        return Bearer(token, response.Host);
    }

    private static string? ReadToken(byte[] body)
    {
        try
        {
            TokenBody? answer = JsonSerializer.Deserialize(body, RegistryJson.Default.TokenBody);
            return answer?.Token is { Length: > 0 } token ? token : answer?.AccessToken;
        }
        catch (JsonException)
        {
            // Bearer() refuses the missing token, without quoting a body that may hold one.
            return null;
        }
    }

    private static AuthenticationHeaderValue Bearer(string? token, string host) =>
        token is { Length: > 0 } && !token.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new AuthenticationHeaderValue("Bearer", token)
            : throw new RegistryAttemptException(ImageErrorKind.Unavailable, $"{host} gave no usable bearer token");
}
