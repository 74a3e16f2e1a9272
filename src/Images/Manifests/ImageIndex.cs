namespace CriRuntime.Images.Manifests;

/// <summary>An OCI image index or Docker manifest list: one image for several platforms (OCI image-index.md).</summary>
public sealed record ImageIndex
{
    public required int SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public required IReadOnlyList<Descriptor> Manifests { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
