using System.Buffers;
using CriRuntime.Images.Layers;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Linux;

namespace CriRuntime.Images;

/// <summary>Directories as tar archives and back, by the rules of layers: hostile on both sides, and everything is bounded.</summary>
public static class TarArchives
{
    /// <summary>Writes a directory's tree; overlayfs' whiteouts take the form that they have in layers.</summary>
    /// <returns>The paths that whiteouts hide, for people.</returns>
    /// <exception cref="ImageException">FailedPrecondition: there is what an archive can't say.</exception>
    /// <exception cref="LinuxException">Reading failed.</exception>
    public static Task<IReadOnlyList<string>> PackAsync(string directory, Stream output, CancellationToken cancellationToken) => Task.Run(
        IReadOnlyList<string> () =>
        {
            using DirectoryFd root = DirectoryFd.Open(directory);
            TreePacker packer = new(output, cancellationToken);
            packer.Pack(root);
            return packer.Deleted;
        },
        cancellationToken);

    /// <summary>Unpacks the tar of changes (plain, gzip or zstd) into an empty upper directory of an overlay, as a layer is unpacked.</summary>
    /// <param name="spill">A path beside it that nothing uses; it is made, and gone afterwards.</param>
    /// <exception cref="InvalidDataException">The tar is corrupt or hostile.</exception>
    /// <exception cref="ImageException">ResourceExhausted: a limit was met.</exception>
    public static async Task UnpackLayerAsync(Stream tar, string directory, string spill, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(spill);
        try
        {
            using DirectoryFd root = DirectoryFd.Open(directory);
            using DirectoryFd beside = DirectoryFd.Open(spill);
            await LayerUnpacker.UnpackAsync(tar, root, beside, new LayerLimits(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(spill, recursive: true);
        }
    }

    /// <summary>Unpacks an archive (plain, gzip or zstd) of nothing but files in at most one directory into an empty directory; the files get mode 0600.</summary>
    /// <exception cref="InvalidDataException">It is no such archive.</exception>
    /// <exception cref="ImageException">ResourceExhausted: a limit was met.</exception>
    public static async Task UnpackFilesAsync(Stream archive, string directory, LayerLimits limits, CancellationToken cancellationToken)
    {
        byte[] ahead = ArrayPool<byte>.Shared.Rent(128 * 1024);
        byte[] piece = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            using DirectoryFd root = DirectoryFd.Open(directory);
            using PlainUnpacker unpacker = new(root, limits);
            TarReader reader = new(unpacker);
            Stream plain = await Decompression.OpenAsync(new PeekedStream(archive, ahead), cancellationToken).ConfigureAwait(false);
            await using (plain.ConfigureAwait(false))
            {
                int read;
                while ((read = await plain.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    reader.Push(piece.AsSpan(0, read));
                }
            }

            reader.Complete();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ahead);
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
