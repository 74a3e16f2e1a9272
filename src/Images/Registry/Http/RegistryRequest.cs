using System.Net.Http.Headers;

namespace CriRuntime.Images.Registry.Http;

/// <summary>What is asked of a URL, so that it can be asked again of a redirect's target or in another try.</summary>
internal sealed record RegistryRequest(Uri Target)
{
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>First byte wanted; 0 asks for everything, without a Range header.</summary>
    public long Offset { get; init; }

    /// <summary>Fields of a form to POST; null for a GET.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Form { get; init; }

    public AuthenticationHeaderValue? Authorization { get; init; }

    public required string UserAgent { get; init; }

    public HttpRequestMessage ToMessage()
    {
        HttpRequestMessage message = new(Form is null ? HttpMethod.Get : HttpMethod.Post, Target)
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = Form is null ? null : new FormUrlEncodedContent(Form),
        };
        foreach (string type in Accept)
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        if (Offset > 0)
            message.Headers.Range = new RangeHeaderValue(Offset, null);
        message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        message.Headers.Authorization = Authorization;
        return message;
    }
}
