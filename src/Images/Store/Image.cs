using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images;

/// <summary>An image that is complete in the store. Immutable.</summary>
public sealed record Image
{
    /// <summary><c>sha256:&lt;hex&gt;</c>, the digest of its configuration.</summary>
    public required string Id { get; init; }

    /// <summary><c>registry/name:tag</c>, in ordinal order; empty when every tag has moved to other images.</summary>
    public required IReadOnlyList<string> RepoTags { get; init; }

    /// <summary><c>registry/name@digest</c>, of what was pulled (an index where the name led to one), in ordinal order.</summary>
    public required IReadOnlyList<string> RepoDigests { get; init; }

    /// <summary>Bytes of the configuration and the layers as the registry holds them (compressed).</summary>
    public required long Size { get; init; }

    /// <summary>The whole configuration document.</summary>
    public required ImageConfigFile ConfigFile { get; init; }

    /// <summary>What containers run with by default; empty where the image says nothing.</summary>
    public ImageConfig Config => ConfigFile.Config ?? new ImageConfig();

    /// <summary>Digests of the layers' tars, bottom first.</summary>
    public required IReadOnlyList<Digest> DiffIds { get; init; }

    /// <summary>Digests of the stacks of layers up to each one (OCI config.md, "Layer ChainID"), bottom first.</summary>
    public required IReadOnlyList<Digest> ChainIds { get; init; }

    /// <summary>The manifest of this machine's platform.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>The kubelet's garbage collection leaves it alone.</summary>
    public required bool Pinned { get; init; }

    /// <summary>When it was last pulled or imported.</summary>
    public required DateTimeOffset LoadedAt { get; init; }

    public bool Equals(Image? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
}
