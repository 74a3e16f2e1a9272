using CriRuntime.Images.References;

namespace CriRuntime.Images;

/// <summary>Importing.</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Imports every image for this platform from a tar archive, compressed or not, that holds an OCI image layout or what <c>docker save</c> writes. The archive is read once and
    /// may come from a pipe.
    /// </summary>
    /// <param name="ociOrDockerArchive">Stays the caller's.</param>
    /// <param name="reference">The name of the archive's only image; null for the names that the archive gives (<c>io.containerd.image.name</c>,
    /// <c>org.opencontainers.image.ref.name</c>, or Docker's RepoTags).</param>
    /// <exception cref="ImageException">InvalidArgument: the reference, or one for several images. DataLoss: the archive. Otherwise as for a pull.</exception>
    public Task<IReadOnlyList<Image>> ImportAsync(Stream ociOrDockerArchive, string? reference, CancellationToken cancellationToken) =>
        _importer.ImportAsync(ociOrDockerArchive, reference is null ? null : Reference.Parse(reference), cancellationToken);
}
