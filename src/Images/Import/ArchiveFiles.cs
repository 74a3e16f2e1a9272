using CriRuntime.Images.References;

namespace CriRuntime.Images.Import;

/// <summary>The files of an unpacked archive, by name and by digest.</summary>
internal sealed class ArchiveFiles(string directory, ArchiveWriter written)
{
    /// <summary>The largest JSON document read, in bytes: as for registries.</summary>
    private const int MaxDocumentSize = 4 << 20;

    private readonly Dictionary<Digest, ArchiveFile> _byDigest = written.Files.Values.DistinctBy(f => f.Digest).ToDictionary(f => f.Digest);

    public ArchiveFile? Find(string name) => written.Find(name);

    /// <exception cref="ImageException">NotFound.</exception>
    public ArchiveFile Get(Digest digest) => _byDigest.GetValueOrDefault(digest)
        ?? throw new ImageException(ImageErrorKind.NotFound, $"the archive does not hold {digest}, which it refers to (or holds it corrupted)");

    public Task<byte[]> ReadAsync(Digest digest, CancellationToken cancellationToken) => ReadAsync(Get(digest), cancellationToken);

    /// <exception cref="ImageException">ResourceExhausted: it is no reasonable document.</exception>
    public Task<byte[]> ReadAsync(ArchiveFile file, CancellationToken cancellationToken) => file.Size <= MaxDocumentSize
        ? File.ReadAllBytesAsync(Path.Combine(directory, file.FileName), cancellationToken)
        : throw new ImageException(ImageErrorKind.ResourceExhausted, $"the archive's document {file.Digest} has {file.Size} bytes; the limit is {MaxDocumentSize}");
}
