using System.Text;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>
/// Content by digest in an OCI image layout (image-layout.md): <c>oci-layout</c> and <c>blobs/&lt;algorithm&gt;/&lt;hex&gt;</c>. A blob appears whole, verified
/// and synced; a read verifies it again, so that what a power cut tore is as good as missing. Safe for concurrent use.
/// </summary>
internal sealed class ContentStore : IDisposable
{
    private const int MaxBlobSize = 8 << 20; // manifests and configurations only
    private readonly DirectoryFd _sha256;
    private readonly DirectoryFd _sha512;

    public ContentStore(DirectoryFd root)
    {
        if (root.TryStat("oci-layout"u8) is not { Size: > 0 })
        {
            DurableFile.Write(root, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8);
        }

        using DirectoryFd blobs = StoreDirectory.Open(root, "blobs");
        _sha256 = StoreDirectory.Open(blobs, "sha256");
        _sha512 = StoreDirectory.Open(blobs, "sha512");
    }

    /// <summary>Keeps a document; nothing is written when it is there already.</summary>
    /// <exception cref="ImageException">DataLoss: the content does not have that digest.</exception>
    public void Write(Digest digest, ReadOnlySpan<byte> content)
    {
        if (digest.Of(content) != digest)
        {
            throw new ImageException(ImageErrorKind.DataLoss, $"content of {content.Length} bytes does not have the digest {digest}");
        }

        if (TryRead(digest) is null)
        {
            DurableFile.Write(DirectoryOf(digest), digest.Hex, content);
        }
    }

    /// <summary>The content; null when it is missing or no longer what its digest says.</summary>
    public byte[]? TryRead(Digest digest)
    {
        DirectoryFd directory = DirectoryOf(digest);
        bool isSound = directory.TryStat(Encoding.ASCII.GetBytes(digest.Hex)) is { Size: <= MaxBlobSize };
        byte[]? content = isSound ? DurableFile.TryRead(directory, digest.Hex, MaxBlobSize) : null;
        return content is not null && digest.Of(content) == digest ? content : null;
    }

    /// <summary>Removes every document that is not to be kept, unfinished ones included.</summary>
    public void RemoveAllBut(IReadOnlySet<Digest> kept)
    {
        RemoveAllBut("sha256", _sha256, kept);
        RemoveAllBut("sha512", _sha512, kept);
    }

    public void Remove(Digest digest) => DirectoryOf(digest).Unlink(Encoding.ASCII.GetBytes(digest.Hex));

    public void Dispose()
    {
        _sha256.Dispose();
        _sha512.Dispose();
    }

    private static void RemoveAllBut(string algorithm, DirectoryFd directory, IReadOnlySet<Digest> kept)
    {
        foreach (string name in DurableFile.List(directory))
        {
            if (!Digest.TryParse($"{algorithm}:{name}", out Digest? digest) || !kept.Contains(digest))
            {
                directory.Unlink(Encoding.UTF8.GetBytes(name));
            }
        }
    }

    private DirectoryFd DirectoryOf(Digest digest) => digest.Algorithm == "sha512" ? _sha512 : _sha256;
}
