using System.IO.Compression;

namespace CriRuntime.Images.Layers;

/// <summary>
/// Tells gzip, Zstandard and plain data apart by their first bytes, as every peer does: media types in the wild are not to be relied on, and the diff_id
/// proves the result.
/// </summary>
internal static class Decompression
{
    private const int MagicLength = 4;

    /// <summary>The decompressed stream; disposing it leaves the inner one open.</summary>
    public static async Task<Stream> OpenAsync(PeekedStream source, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> magic = await source.PeekAsync(MagicLength, cancellationToken).ConfigureAwait(false);
        if (IsGzip(magic.Span))
        {
            return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
        }

        return IsZstd(magic.Span) ? new ZstdStream(source) : source;
    }

    private static bool IsGzip(ReadOnlySpan<byte> magic) => magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]);

    /// <summary>A frame, or a skippable frame before it (RFC 8878, 3.1).</summary>
    private static bool IsZstd(ReadOnlySpan<byte> magic) =>
        magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
        || (magic.Length == MagicLength && (magic[0] & 0xF0) == 0x50 && magic[1..].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]));
}
