using System.Buffers;
using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Images.Layers;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Images.Store;
using CriRuntime.Linux;

namespace CriRuntime.Images.Import;

/// <summary>Unpacks an archive beside the store, finds the images in it, and brings each in as if pulled. The archive's files are gone afterwards.</summary>
internal sealed class ArchiveImporter : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private readonly DirectoryFd _ingest;
    private readonly ImageStoreOptions _options;
    private readonly Reaper _reaper;
    private readonly ImagePuller _puller;

    public ArchiveImporter(DirectoryFd root, ImageStoreOptions options, Reaper reaper, ImagePuller puller)
    {
        (_options, _reaper, _puller) = (options, reaper, puller);
        _ingest = StoreDirectory.Open(root, "ingest");
        foreach (string leftover in DurableFile.List(_ingest))
        {
            _reaper.Discard(_ingest, Encoding.UTF8.GetBytes(leftover));
        }
    }

    public async Task<IReadOnlyList<Image>> ImportAsync(Stream archive, Reference? reference, CancellationToken cancellationToken)
    {
        string name = Guid.NewGuid().ToString("n");
        string path = Path.Combine(_options.Root, "ingest", name);
        try
        {
            using DirectoryFd directory = StoreDirectory.Open(_ingest, name);
            using var writer = new ArchiveWriter(directory, _options.Limits.MaxLayerBytes, _options.Limits.MinAvailableBytes);
            await UnpackAsync(archive, writer, cancellationToken).ConfigureAwait(false);
            var files = new ArchiveFiles(path, writer);
            IReadOnlyList<ArchiveImage> images = await FindImagesAsync(files, cancellationToken).ConfigureAwait(false);
            return await PullAllAsync(path, files, images, reference, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new ImageException(ImageErrorKind.DataLoss, $"the archive is corrupt: {e.Message}", e);
        }
        catch (LinuxException e)
        {
            throw LayerFailure.Explain(e, "the archive cannot be unpacked");
        }
        finally
        {
            _reaper.Discard(_ingest, Encoding.ASCII.GetBytes(name));
        }
    }

    public void Dispose() => _ingest.Dispose();

    private static async Task UnpackAsync(Stream archive, ArchiveWriter writer, CancellationToken cancellationToken)
    {
        byte[] readAhead = ArrayPool<byte>.Shared.Rent(BufferSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            Stream plain = await Decompression.OpenAsync(new PeekedStream(archive, readAhead), cancellationToken).ConfigureAwait(false);
            await using (plain.ConfigureAwait(false))
            {
                var tar = new TarReader(writer);
                int length;
                while ((length = await plain.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    tar.Push(buffer.AsSpan(0, length));
                }

                tar.Complete();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(readAhead);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<IReadOnlyList<ArchiveImage>> FindImagesAsync(ArchiveFiles files, CancellationToken cancellationToken)
    {
        IReadOnlyList<ArchiveImage> images = [];
        if (files.Find("index.json") is { } index)
        {
            images = await OciArchive.ReadAsync(files, index, _options.Platform, cancellationToken).ConfigureAwait(false);
        }
        else if (files.Find("manifest.json") is { } manifest)
        {
            images = await DockerArchive.ReadAsync(files, manifest, cancellationToken).ConfigureAwait(false);
        }

        return images.Count > 0 ? images : throw new ImageException(
            ImageErrorKind.DataLoss, $"the archive holds no image for {_options.Platform}: it needs an OCI image layout (index.json) or what docker save writes (manifest.json)");
    }

    private async Task<IReadOnlyList<Image>> PullAllAsync(
        string path, ArchiveFiles files, IReadOnlyList<ArchiveImage> images, Reference? reference, CancellationToken cancellationToken)
    {
        if (reference is not null && images.Count > 1)
        {
            throw new ImageException(ImageErrorKind.InvalidArgument, $"the archive holds {images.Count} images, which cannot all be named {reference}");
        }

        List<Image> imported = [];
        foreach (ArchiveImage image in images)
        {
            IReadOnlyList<Reference> names = reference is null ? image.Names : [reference];
            var source = new ArchiveSource(path, files, image.Root);
            imported.Add(await _puller.PullAsync(source, resolved => NamesOf(names, image, resolved), cancellationToken).ConfigureAwait(false));
        }

        return imported;
    }

    private static ImageNames NamesOf(IReadOnlyList<Reference> names, ArchiveImage image, ResolvedImage resolved)
    {
        IEnumerable<string> tags = names.Select(n => n.RepoTag).OfType<string>();
        IEnumerable<string> digests = image.HasRegistryDigest ? names.Select(n => n.RepoDigest(resolved.Root.Descriptor.Digest)) : [];
        return new ImageNames([.. tags.Distinct(StringComparer.Ordinal)], [.. digests.Distinct(StringComparer.Ordinal)]);
    }
}
