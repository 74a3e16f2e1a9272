using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Import;

/// <summary>
/// An image of an archive as a source. Content is found by the digest that it was measured to have, whatever its name in the archive says.
/// </summary>
internal sealed class ArchiveSource(string directory, ArchiveFiles files, ManifestContent root) : IBlobSource
{
    public async Task<ManifestContent> FetchManifestAsync(Digest? digest, CancellationToken cancellationToken)
    {
        if (digest is null || digest == root.Descriptor.Digest)
        {
            return root;
        }

        byte[] bytes = await files.ReadAsync(digest, cancellationToken).ConfigureAwait(false);
        return Describe(bytes, null);
    }

    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        ArchiveFile file = files.Get(blob.Digest);
        if (file.Size != blob.Size)
        {
            throw new ImageException(ImageErrorKind.DataLoss, $"{blob.Digest} has {file.Size} bytes in the archive, but its descriptor says {blob.Size}");
        }

        Stream stream = new FileStream(Path.Combine(directory, file.FileName), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        stream.Position = offset;
        return Task.FromResult(stream);
    }

    /// <summary>A manifest or index with what it is.</summary>
    public static ManifestContent Describe(byte[] bytes, string? declared) =>
        new(new Descriptor(ManifestShape.MediaTypeOf(bytes, declared), Digest.Sha256(bytes), bytes.Length), bytes);
}
