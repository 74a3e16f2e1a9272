using System.Text.Json.Serialization;

namespace CriRuntime.Images.Registry.Http;

/// <summary>An error answer: the distribution specification's <c>errors</c>, or a token service's <c>details</c>.</summary>
internal sealed record ErrorBody
{
    public IReadOnlyList<ErrorEntry?>? Errors { get; init; }

    public string? Details { get; init; }
}

internal sealed record ErrorEntry
{
    public string? Code { get; init; }

    public string? Message { get; init; }
}

/// <summary>A token service's answer: <c>token</c> by Docker's protocol, <c>access_token</c> by OAuth2's.</summary>
internal sealed record TokenBody
{
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 16)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(TokenBody))]
internal sealed partial class RegistryJson : JsonSerializerContext;
