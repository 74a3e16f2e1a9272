using CriRuntime.Images.References;

namespace CriRuntime.Images.Manifests;

/// <summary>
/// What some content is, by digest and exact size in bytes (OCI image-spec descriptor.md). The foreign
/// <c>urls</c> and embedded <c>data</c> of the specification are not read: content comes from the repository only.
/// </summary>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    public Platform? Platform { get; init; }

    public string? ArtifactType { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
