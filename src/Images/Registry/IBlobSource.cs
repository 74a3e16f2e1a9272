using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry;

/// <summary>Where the content of one image comes from: a repository of a registry, or an archive.</summary>
public interface IBlobSource
{
    /// <summary>
    /// The manifest or index of that digest; with null the one that the source's own reference names (of a tag,
    /// or of an archive's index.json). The bytes match the returned digest and hold at most 4 MiB.
    /// </summary>
    /// <exception cref="ImageException">NotFound, Unauthorized, Unavailable, DataLoss, Unsupported…</exception>
    Task<ManifestContent> FetchManifestAsync(Digest? digest, CancellationToken cancellationToken);

    /// <summary>
    /// The bytes of a blob from <paramref name="offset"/> (0..Size) to its end. From offset 0 the stream verifies
    /// size and digest: the read that would report the end throws DataLoss instead when they differ. From another
    /// offset only the size is verified, and the digest is the caller's to check.
    /// </summary>
    /// <exception cref="ImageException">As above; also thrown by reads of the stream.</exception>
    Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken);
}
