using CriRuntime.Images.Content;
using CriRuntime.Images.Import;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Images.Snapshots;
using CriRuntime.Images.Store;
using CriRuntime.Linux;

namespace CriRuntime.Images;

/// <summary>
/// Images, their unpacked layers, and the writable layers of containers. Reads see published snapshots and take no lock; everything on disk appears
/// by rename after it is complete. Safe for concurrent use.
/// </summary>
public sealed partial class ImageStore : IAsyncDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly DirectoryFd _root;
    private readonly Reaper _reaper;
    private readonly ContentStore _content;
    private readonly LayerStore _layers;
    private readonly ImageRegister _register;
    private readonly SnapshotStore _snapshots;
    private readonly ImagePuller _puller;
    private readonly ArchiveImporter _importer;
    private readonly RegistryClient _client;
    private readonly Func<Reference, RegistryCredentials?, IBlobSource> _openSource;
    private readonly SingleFlight<(string Reference, RegistryCredentials? Credentials), Image> _pulls = new();

    private ImageStore(ImageStoreOptions options, Func<Reference, RegistryCredentials?, IBlobSource>? openSource)
    {
        Action<string, Exception> warn = options.Warn ?? ((_, _) => { });
        _options = options;
        _client = new RegistryClient(options.Registry, options.RegistryObserver);
        _openSource = openSource ?? ((reference, credentials) => _client.Open(reference, credentials));
        Directory.CreateDirectory(options.Root);
        _root = DirectoryFd.Open(options.Root);
        InodeAttributes.SetPermissions(_root.Descriptor, 0x1C0); // 0700: setuid files of images are for containers only
        _reaper = new Reaper(_root, warn);
        _content = new ContentStore(_root);
        _layers = new LayerStore(_root, options, _reaper, warn);
        _register = new ImageRegister(_root, options, _content, _layers, warn);
        _snapshots = new SnapshotStore(_root, options.Root, _layers, _reaper, warn);
        DiscardStrays(warn);
        _puller = new ImagePuller(options, _content, _layers, _register);
        _importer = new ArchiveImporter(_root, options, _reaper, _puller);
    }

    /// <summary>Opens a store, or makes one. What a crash left unfinished is discarded; an image that lost a layer is no longer shown; what a container may be using stays.</summary>
    /// <exception cref="ImageException">InvalidArgument: an option. FailedPrecondition or ResourceExhausted: the directory cannot be used.</exception>
    public static Task<ImageStore> OpenAsync(ImageStoreOptions options, CancellationToken cancellationToken) =>
        OpenAsync(options, null, cancellationToken);

    /// <summary>All images, ordered by id.</summary>
    public IReadOnlyList<Image> List() => _register.Catalog.Images;

    /// <summary>An image by name (with its defaults), by <c>name@digest</c>, by id with or without <c>sha256:</c>, or by a beginning of the id that is unique.</summary>
    public Image? Find(string nameOrIdOrDigest) => _register.Catalog.Find(nameOrIdOrDigest);

    /// <summary>The annotations of an image's manifest (OCI annotations.md); none where it has none or is gone. Reads a small file.</summary>
    public IReadOnlyDictionary<string, string> AnnotationsOf(Image image) =>
        _content.TryRead(image.ManifestDigest) is { } manifest && ManifestReader.ReadManifest(manifest).Annotations is { } annotations
            ? annotations
            : new Dictionary<string, string>();

    /// <summary>
    /// Ends an image under all of its names, however it was named (CRI RemoveImage). What containers still use of it stays until their snapshots go. Nothing happens
    /// when there is no such image. Works on a full disk.
    /// </summary>
    public async Task RemoveAsync(string nameOrId, CancellationToken cancellationToken)
    {
        if (Find(nameOrId) is { } image && await _register.RemoveAsync(Digest.Parse(image.Id), cancellationToken).ConfigureAwait(false))
        {
            Collect();
        }
    }

    /// <summary>Recorded figures; reads nothing from disk. Those of containers are refreshed in the background when they are older than ten seconds.</summary>
    public StoreUsage Usage()
    {
        (long imageBytes, long imageInodes) = _layers.Usage();
        SnapshotUsage writable = _snapshots.Meter.Total();
        return new StoreUsage(imageBytes, imageInodes, writable.Bytes, writable.Inodes);
    }

    /// <summary>Completes when the files of removed images and snapshots are gone from disk.</summary>
    public Task WhenCleanAsync() => _reaper.IdleAsync();

    /// <summary>Cancels what is being pulled, and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pulls.CancelAllAsync().ConfigureAwait(false);
        await _layers.CancelAsync().ConfigureAwait(false);
        await _reaper.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        _register.Dispose();
        _layers.Dispose();
        _content.Dispose();
        _snapshots.Dispose();
        _importer.Dispose();
        _root.Dispose();
    }

    internal static Task<ImageStore> OpenAsync(
        ImageStoreOptions options, Func<Reference, RegistryCredentials?, IBlobSource>? openSource, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                try
                {
                    return new ImageStore(options, openSource);
                }
                catch (LinuxException e)
                {
                    throw LayerFailure.Explain(e, $"the image store {options.Root} cannot be opened");
                }
            },
            cancellationToken);

    private void Collect() =>
        _layers.Collect(() => new LayersInUse(_register.Catalog.Images.SelectMany(i => i.DiffIds).ToHashSet(), _snapshots.UsedDirectories()));

    private void DiscardStrays(Action<string, Exception> warn)
    {
        IReadOnlyList<string> kept = _layers.DiscardStrays(_snapshots.UsedDirectories());
        if (kept.Count > 0)
        {
            string names = string.Join(", ", kept.Take(10).Select(name => $"l/{name}"));
            warn(
                $"opening: {kept.Count} unpacked layers ({names}) have no readable record, and stay until the containers on them are removed",
                new InvalidDataException("pull their images again; the containers go on"));
        }
    }
}
