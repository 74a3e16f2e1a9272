using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry.Http;

/// <summary>Turns an HTTP answer or a broken connection into an error that says who, what and what to do.</summary>
internal static class RegistryFailure
{
    private const int BodyLimit = 16 << 10;
    private const int MessageLimit = 300;

    /// <summary>For any status but success; reads the registry's own error code and message from the body.</summary>
    public static async Task<RegistryAttemptException> FromAsync(
        RegistryResponse response, SecretMask secrets, CancellationToken cancellationToken)
    {
        string said = response.FromRegistry
            ? secrets.Apply(await ReadErrorAsync(response, cancellationToken).ConfigureAwait(false))
            : string.Empty;
        string message = $"{response.Host} answered {response.Status} {response.Message.StatusCode}{said}";
        return new RegistryAttemptException(KindOf(response.Status), message + Advice(response.Status))
        {
            Answered = true,
            Transient = response.Status is 408 or 429 or >= 500,
            RetryAfter = RetryAfter(response.Message),
        };
    }

    /// <summary>For a request that got no answer.</summary>
    public static RegistryAttemptException From(string host, Exception cause) => cause switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } e =>
            new RegistryAttemptException(ImageErrorKind.Unavailable, TlsMessage(host, e), e),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } e =>
            new RegistryAttemptException(ImageErrorKind.Unavailable, $"the host name {host} cannot be resolved", e)
            {
                Transient = e.InnerException is SocketException { SocketErrorCode: SocketError.TryAgain },
            },
        OperationCanceledException e =>
            new RegistryAttemptException(ImageErrorKind.Unavailable, $"{host} did not answer in time", e) { Transient = true },
        _ => new RegistryAttemptException(ImageErrorKind.Unavailable, $"{host}: {cause.Message}", cause) { Transient = true },
    };

    // A handshake with a server that speaks something else is an AuthenticationException too; only the text differs.
    private static string TlsMessage(string host, Exception e) =>
        e.InnerException is AuthenticationException { Message: string text } && text.Contains("cert", StringComparison.Ordinal)
        ? $"the TLS certificate of {host} is not trusted (configure a CA file for {host}): {e.InnerException.Message}"
        : $"{host} does not speak TLS (a plain-HTTP registry must be configured as one): {e.Message}";

    private static ImageErrorKind KindOf(int status) => status switch
    {
        401 or 403 or 407 or 451 => ImageErrorKind.Unauthorized,
        404 or 410 => ImageErrorKind.NotFound,
        // A resumed download asked for bytes that its descriptor promises and the registry does not have.
        416 => ImageErrorKind.DataLoss,
        408 or 429 or >= 500 or < 400 => ImageErrorKind.Unavailable,
        _ => ImageErrorKind.InvalidArgument,
    };

    private static string Advice(int status) => status switch
    {
        401 => "; the image does not exist, or needs credentials (a pull secret) that grant access to it",
        403 => "; the credentials do not grant access to it",
        429 => "; the registry's rate limit is met: pull with credentials, through a mirror, or later",
        _ => string.Empty,
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter?.Delta
            ?? (response.Headers.RetryAfter?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<string> ReadErrorAsync(RegistryResponse response, CancellationToken cancellationToken)
    {
        byte[]? body = await response.ReadBodyAsync(BodyLimit, cancellationToken).ConfigureAwait(false);
        if (body is not { Length: > 0 })
            return string.Empty;
        try
        {
            ErrorBody? error = JsonSerializer.Deserialize(body, RegistryJson.Default.ErrorBody);
            string said = error?.Errors is [{ } first, ..] ? $"{first.Code}: {first.Message}" : error?.Details ?? "";
            return said.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Quoted.Text(said, MessageLimit)})");
        }
        catch (JsonException)
        {
            // An error page of a proxy: the status says enough.
            return string.Empty;
        }
    }
}
