namespace CriRuntime.Images.Manifests;

/// <summary>An OCI or Docker schema 2 image manifest: a configuration and the layers, bottom first (OCI manifest.md).</summary>
public sealed record ImageManifest
{
    public required int SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public string? ArtifactType { get; init; }

    public required Descriptor Config { get; init; }

    public required IReadOnlyList<Descriptor> Layers { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
