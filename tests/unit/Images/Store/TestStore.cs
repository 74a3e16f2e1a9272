using System.Collections.Concurrent;
using CriRuntime.Images.Layers;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Store;

/// <summary>A store in a temporary directory whose registry is a dictionary. Needs root, as the store does.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly TemporaryTree _tree = new();
    private ImageStore? _store;

    public string Root => Path.Combine(MountPoint ?? _tree.Path, "images");

    public string? MountPoint { get; init; }

    public ConcurrentDictionary<string, LayeredImage> Registry { get; } = new();

    /// <summary>How often each blob was asked for.</summary>
    public ConcurrentDictionary<Digest, int> Fetched { get; } = new();

    /// <summary>What a blob's download waits for.</summary>
    public Func<Digest, CancellationToken, Task> BeforeBlob { get; set; } = (_, _) => Task.CompletedTask;

    public List<string> Warnings { get; } = [];

    public ImageStore Store => _store!;

    public async Task<ImageStore> OpenAsync()
    {
        var options = new ImageStoreOptions
        {
            Root = Root,
            Limits = new LayerLimits { MinAvailableBytes = 0 },
            Platform = new Platform { Os = "linux", Architecture = "amd64" },
            PinnedImages = ["registry.k8s.io/pause:3.10"],
            Warn = (what, e) => Warnings.Add($"{what}: {e.Message}"),
        };
        _store = await ImageStore.OpenAsync(options, (reference, _) => new Source(this, reference), TestContext.Current.CancellationToken);
        return _store;
    }

    /// <summary>As after the daemon was killed: nothing is tidied up.</summary>
    public async Task<ImageStore> ReopenAsync(Action? meanwhile = null)
    {
        await Store.DisposeAsync();
        meanwhile?.Invoke();
        return await OpenAsync();
    }

    public Task<Image> PullAsync(string reference) => Store.PullAsync(reference, null, TestContext.Current.CancellationToken);

    public IReadOnlyList<string> Entries(string folder) => [.. Directory.EnumerateFileSystemEntries(Path.Combine(Root, folder)).Select(p => Path.GetFileName(p)!)];

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _tree.Dispose();
    }

    private sealed class Source(TestStore test, Reference reference) : IBlobSource
    {
        public Task<ManifestContent> FetchManifestAsync(Digest? digest, CancellationToken cancellationToken)
        {
            LayeredImage image = Find();
            return Task.FromResult(new ManifestContent(new Descriptor(MediaTypes.OciManifest, image.ManifestDigest, image.Manifest.Length), image.Manifest));
        }

        public async Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
        {
            test.Fetched.AddOrUpdate(blob.Digest, 1, (_, n) => n + 1);
            await test.BeforeBlob(blob.Digest, cancellationToken);
            return new MemoryStream(Find().Blobs[blob.Digest]) { Position = offset };
        }

        private LayeredImage Find() => test.Registry.GetValueOrDefault(reference.ToString())
            ?? throw new ImageException(ImageErrorKind.NotFound, $"{reference}: not found");
    }
}
