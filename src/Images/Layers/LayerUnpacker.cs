using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>
/// Unpacks one layer straight from its stream: one task reads and inflates, another hashes, parses and writes; between them go a few
/// pooled pieces, so that memory does not grow with the layer.
/// </summary>
internal static class LayerUnpacker
{
    private const int PieceSize = 256 * 1024;
    private const int PiecesInFlight = 4;

    /// <param name="blob">The layer as its registry holds it: gzip, zstd or plain tar. Read to its end, where it verifies itself.</param>
    /// <param name="root">An empty directory.</param>
    /// <param name="spill">An otherwise unused directory beside it: see <see cref="LayerWriter"/>.</param>
    /// <exception cref="InvalidDataException">The layer is corrupt or hostile. Partial content stays; the caller removes it.</exception>
    /// <exception cref="ImageException">ResourceExhausted: a limit was met; or what reading the blob throws.</exception>
    /// <exception cref="LinuxException">Writing failed.</exception>
    public static async Task<UnpackedLayer> UnpackAsync(
        Stream blob, DirectoryFd root, DirectoryFd spill, LayerLimits limits, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateBounded<Piece>(new BoundedChannelOptions(PiecesInFlight) { SingleReader = true, SingleWriter = true });
        Task inflating = Task.Run(() => InflateAsync(blob, pieces.Writer, stop.Token), CancellationToken.None);
        using var writer = new LayerWriter(root, spill, limits);
        try
        {
            Digest diffId = await WriteAsync(pieces.Reader, writer, limits, cancellationToken).ConfigureAwait(false);
            await inflating.ConfigureAwait(false);
            writer.Complete();
            return new UnpackedLayer(diffId, writer.UsedBytes, writer.Inodes, writer.HasRootEntry, writer.ImpliedDirectories);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await inflating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // its own error came through the channel
            while (pieces.Reader.TryRead(out Piece piece))
            {
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }
    }

    private static async Task InflateAsync(Stream blob, ChannelWriter<Piece> pieces, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        byte[] readAhead = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            var source = new PeekedStream(blob, readAhead);
            Stream plain = await Decompression.OpenAsync(source, cancellationToken).ConfigureAwait(false);
            await using (plain.ConfigureAwait(false))
            {
                await CopyAsync(plain, pieces, cancellationToken).ConfigureAwait(false);
            }

            // Bytes behind the compressed data count for the blob's digest, which the stream checks at its very end.
            await DrainAsync(blob, readAhead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            pieces.Complete(failure);
            ArrayPool<byte>.Shared.Return(readAhead);
        }
    }

    private static async Task CopyAsync(Stream plain, ChannelWriter<Piece> pieces, CancellationToken cancellationToken)
    {
        int length;
        do
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
            length = await plain.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            await pieces.WriteAsync(new Piece(buffer, length), cancellationToken).ConfigureAwait(false);
        }
        while (length > 0);
    }

    private static async Task DrainAsync(Stream blob, byte[] buffer, CancellationToken cancellationToken)
    {
        while (await blob.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }

    private static async Task<Digest> WriteAsync(
        ChannelReader<Piece> pieces, LayerWriter writer, LayerLimits limits, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tar = new TarReader(writer);
        long total = 0;
        await foreach (Piece piece in pieces.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                total += piece.Length;
                if (total > limits.MaxLayerBytes)
                {
                    throw new ImageException(ImageErrorKind.ResourceExhausted, $"it has more than {limits.MaxLayerBytes} bytes when decompressed");
                }

                hash.AppendData(piece.Buffer, 0, piece.Length);
                tar.Push(piece.Buffer.AsSpan(0, piece.Length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }

        tar.Complete();
        return Digest.FromHash(hash);
    }

    private readonly record struct Piece(byte[] Buffer, int Length);
}
