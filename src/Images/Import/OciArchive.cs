using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Import;

/// <summary>Reads the <c>index.json</c> of an OCI image layout (image-layout.md).</summary>
internal static class OciArchive
{
    private const string ContainerdName = "io.containerd.image.name";
    private const string RefName = "org.opencontainers.image.ref.name";
    private const string DockerReferenceType = "vnd.docker.reference.type"; // attestations beside images

    public static async Task<IReadOnlyList<ArchiveImage>> ReadAsync(
        ArchiveFiles files, ArchiveFile indexFile, Platform platform, CancellationToken cancellationToken)
    {
        byte[] bytes = await files.ReadAsync(indexFile, cancellationToken).ConfigureAwait(false);
        Dictionary<Digest, ArchiveImage> images = [];
        foreach (Descriptor entry in ManifestReader.ReadIndex(bytes).Manifests.Where(m => IsWanted(m, platform)))
        {
            byte[] document = await files.ReadAsync(entry.Digest, cancellationToken).ConfigureAwait(false);
            if (document.Length != entry.Size)
            {
                throw new ImageException(ImageErrorKind.DataLoss, $"{entry.Digest} has {document.Length} bytes in the archive, but its index says {entry.Size}");
            }

            IReadOnlyList<Reference> known = images.GetValueOrDefault(entry.Digest)?.Names ?? [];
            List<Reference> names = [.. known.Concat(NamesOf(entry)).Distinct()];
            images[entry.Digest] = new ArchiveImage(ArchiveSource.Describe(document, entry.MediaType), names, HasRegistryDigest: true);
        }

        return [.. images.Values];
    }

    private static bool IsWanted(Descriptor entry, Platform platform)
    {
        bool isImage = MediaTypes.IsIndex(entry.MediaType) || MediaTypes.IsManifest(entry.MediaType);
        bool isAttestation = entry.Annotations?.ContainsKey(DockerReferenceType) == true;
        bool isForHere = entry.Platform is not { } other || (other.Os == platform.Os && other.Architecture == platform.Architecture);
        return isImage && !isAttestation && isForHere;
    }

    private static IEnumerable<Reference> NamesOf(Descriptor entry)
    {
        string? name = entry.Annotations?.GetValueOrDefault(ContainerdName);
        string? refName = entry.Annotations?.GetValueOrDefault(RefName);

        // A bare tag names no repository.
        name ??= refName?.AsSpan().IndexOfAny('/', ':') >= 0 ? refName : null;
        return Reference.TryParse(name, out Reference? reference) ? [reference] : [];
    }
}
