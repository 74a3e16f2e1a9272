using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>
/// The images that exist: their records on disk and the published catalogue. Each change is validate → write the record → publish;
/// a removal starts with the record, so that it needs no space and a crash leaves only rubbish.
/// </summary>
internal sealed class ImageRegister : IDisposable
{
    private readonly DirectoryFd _root;
    private readonly ContentStore _content;
    private readonly LayerStore _layers;
    private readonly RecordFiles<ImageRecord> _files;
    private readonly HashSet<string> _pinned;
    private readonly Action<string, Exception> _warn;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly Dictionary<Digest, (ImageRecord Record, Image Image)> _images = [];
    private volatile ImageCatalog _catalog = ImageCatalog.Empty;
    private long _revision;

    public ImageRegister(DirectoryFd root, ImageStoreOptions options, ContentStore content, LayerStore layers, Action<string, Exception> warn)
    {
        (_root, _content, _layers, _warn) = (root, content, layers, warn);
        _files = new RecordFiles<ImageRecord>(root, "images", StoreJson.Default.ImageRecord, warn);
        _pinned = [.. options.PinnedImages.Select(p => Reference.Parse(p)).Select(r => r.Digest is { } d ? r.RepoDigest(d) : r.RepoTag!)];
        Load();
    }

    public ImageCatalog Catalog => _catalog;

    /// <summary>Makes a complete image exist under the record's names, taking the tags from other images.</summary>
    public async Task<Image> AddAsync(ImageRecord added, ImageConfigFile config, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ImageRecord record = added with { Revision = ++_revision };
            if (_images.TryGetValue(added.Id, out var known))
            {
                record = record with
                {
                    RepoTags = Union(known.Record.RepoTags, added.RepoTags),
                    RepoDigests = Union(known.Record.RepoDigests, added.RepoDigests),
                };
            }

            Put(record, config);
            TakeTagsFromOthers(record);
            Publish();
            return _images[record.Id].Image;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Ends an image under all of its names; false when it is gone already. Needs no free space.</summary>
    public async Task<bool> RemoveAsync(Digest id, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_images.TryGetValue(id, out var removed))
            {
                return false;
            }

            _files.Remove(id.Hex);
            _images.Remove(id);
            Publish();
            RemoveContent(removed.Record);
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose()
    {
        _files.Dispose();
        _changing.Dispose();
    }

    private static List<string> Union(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        [.. one.Concat(other).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private void Load()
    {
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (ImageRecord record in _files.ReadAll().OrderByDescending(r => r.Revision))
        {
            _revision = Math.Max(_revision, record.Revision);
            ImageConfigFile? config = record.Version == ImageRecord.CurrentVersion ? TryReadConfig(record) : null;
            if (config is null)
            {
                _files.Remove(record.Id.Hex); // incomplete since a crash or by hand: a pull brings it back, layer by layer
                continue;
            }

            ImageRecord own = record with { RepoTags = [.. record.RepoTags.Where(taken.Add)] };
            _images[record.Id] = (own, Describe(own, config));
        }

        _content.RemoveAllBut(_images.Values.SelectMany(i => ContentOf(i.Record)).ToHashSet());
        Publish();
    }

    private ImageConfigFile? TryReadConfig(ImageRecord record)
    {
        byte[]? config = _content.TryRead(record.Id);
        byte[]? manifest = _content.TryRead(record.Manifest);
        if (config is null || manifest is null)
        {
            return null;
        }

        ImageConfigFile read = ManifestReader.ReadConfig(config, ManifestReader.ReadManifest(manifest));
        return (read.RootFs.DiffIds ?? []).All(d => _layers.Find(d) is not null) ? read : null;
    }

    private void Put(ImageRecord record, ImageConfigFile config)
    {
        _files.Write(record.Id.Hex, record);
        _images[record.Id] = (record, Describe(record, config));
    }

    private void TakeTagsFromOthers(ImageRecord winner)
    {
        foreach ((ImageRecord record, Image image) in _images.Values.ToList())
        {
            if (record.Id != winner.Id && record.RepoTags.Intersect(winner.RepoTags, StringComparer.Ordinal).Any())
            {
                Put(record with { RepoTags = [.. record.RepoTags.Except(winner.RepoTags, StringComparer.Ordinal)] }, image.ConfigFile);
            }
        }
    }

    private void RemoveContent(ImageRecord removed)
    {
        HashSet<Digest> kept = [.. _images.Values.SelectMany(i => ContentOf(i.Record))];
        foreach (Digest digest in ContentOf(removed).Where(d => !kept.Contains(d)))
        {
            _content.Remove(digest);
        }
    }

    private static IEnumerable<Digest> ContentOf(ImageRecord record) => [record.Id, record.Manifest, .. record.Indexes];

    private Image Describe(ImageRecord record, ImageConfigFile config) => new()
    {
        Id = record.Id.ToString(),
        RepoTags = record.RepoTags,
        RepoDigests = record.RepoDigests,
        Size = record.Size,
        ConfigFile = config,
        DiffIds = config.RootFs.DiffIds ?? [],
        ChainIds = ChainIdsOf(config.RootFs.DiffIds ?? []),
        ManifestDigest = record.Manifest,
        Pinned = record.RepoTags.Concat(record.RepoDigests).Any(_pinned.Contains),
        LoadedAt = record.LoadedAt,
    };

    private static List<Digest> ChainIdsOf(IReadOnlyList<Digest> diffIds)
    {
        List<Digest> chain = [];
        foreach (Digest diffId in diffIds)
        {
            chain.Add(chain.Count == 0 ? diffId : Digest.Sha256(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}")));
        }

        return chain;
    }

    private void Publish()
    {
        _catalog = new ImageCatalog(_images.Values.Select(i => i.Image));
        try
        {
            LayoutIndex.Write(_root, _catalog.Images, _content);
        }
        catch (LinuxException e)
        {
            _warn("writing index.json of the image store, which only other tools read", e); // a full disk must not keep an image from going
        }
    }
}
