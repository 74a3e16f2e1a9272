using System.Text.Json.Serialization;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Manifests;

/// <summary>The image configuration document, whose digest is the image's id (OCI config.md).</summary>
public sealed record ImageConfigFile
{
    public string? Architecture { get; init; }

    public string? Os { get; init; }

    public string? Variant { get; init; }

    public DateTimeOffset? Created { get; init; }

    public string? Author { get; init; }

    public ImageConfig? Config { get; init; }

    [JsonPropertyName("rootfs")]
    public required RootFs RootFs { get; init; }
}

/// <summary>The layers of an image by the digests of their uncompressed tars, bottom first.</summary>
public sealed record RootFs
{
    /// <summary>Always <c>layers</c>.</summary>
    public required string Type { get; init; }

    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<Digest>? DiffIds { get; init; }
}
