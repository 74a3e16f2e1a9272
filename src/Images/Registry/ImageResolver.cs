using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Tracing;

namespace CriRuntime.Images.Registry;

/// <summary>Finds the image that a source holds for a platform, through an index or a chain of them.</summary>
public static class ImageResolver
{
    private const int MaxIndexes = 3;

    /// <exception cref="ImageException">Of the source; NotFound without an image for the platform; Unsupported, DataLoss.</exception>
    public static async Task<ResolvedImage> ResolveAsync(
        IBlobSource source, Platform platform, CancellationToken cancellationToken)
    {
        ManifestContent root = await FetchAsync(source, null, cancellationToken).ConfigureAwait(false);
        List<ManifestContent> indexes = [];
        ManifestContent current = root;
        while (MediaTypes.IsIndex(current.Descriptor.MediaType))
        {
            indexes.Add(current);
            if (indexes.Count > MaxIndexes)
                throw new ImageException(ImageErrorKind.Unsupported, $"more than {MaxIndexes} indexes lie inside one another");
            Descriptor entry = PlatformSelector.Select(ManifestReader.ReadIndex(current.Bytes.Span), platform);
            current = await FetchAsync(source, entry.Digest, cancellationToken).ConfigureAwait(false);
            CheckPromise(entry, current.Descriptor);
        }
        return new ResolvedImage(indexes, current, ManifestReader.ReadManifest(current.Bytes.Span));
    }

    /// <param name="digest">Null: what the reference names.</param>
    private static Task<ManifestContent> FetchAsync(IBlobSource source, Digest? digest, CancellationToken cancellationToken) =>
        Spans.RunAsync("image.manifest", span =>
        {
            if (digest is not null)
                span?.SetTag("manifest.digest", digest.ToString());
            return source.FetchManifestAsync(digest, cancellationToken);
        });

    private static void CheckPromise(Descriptor promised, Descriptor found)
    {
        if (promised.Size != found.Size || promised.MediaType != found.MediaType)
            throw new ImageException(
                ImageErrorKind.DataLoss,
                $"the index promises {promised.MediaType} of {promised.Size} bytes for {promised.Digest}, " +
                $"but it is {found.MediaType} of {found.Size} bytes");
    }
}

/// <summary>An image found: what its reference names, and the manifest for the platform.</summary>
/// <param name="Indexes">From the one that the reference names inwards; empty when it names the manifest itself.</param>
/// <param name="Content">The manifest as it was served.</param>
/// <param name="Manifest">The same, read and checked.</param>
public sealed record ResolvedImage(IReadOnlyList<ManifestContent> Indexes, ManifestContent Content, ImageManifest Manifest)
{
    /// <summary>What the reference names: the digest of repo_digests.</summary>
    public ManifestContent Root => Indexes.Count > 0 ? Indexes[0] : Content;
}
