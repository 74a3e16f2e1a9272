using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>
/// Unpacked layers by diff id. A layer is unpacked into <c>staging/</c>, synced, renamed to <c>l/&lt;name&gt;</c>, and then has a record: whatever lacks one is rubbish of a
/// crash, unless a snapshot uses it. Layers do not depend on one another, so all of them unpack at the same time.
/// </summary>
internal sealed partial class LayerStore : IDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly DirectoryFd _layers;
    private readonly DirectoryFd _staging;
    private readonly RecordFiles<LayerRecord> _records;
    private readonly Reaper _reaper;
    private readonly FileSystemSync _sync;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _committing = new(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Layer> _byDiffId = [];
    private long _lastName;

    public LayerStore(DirectoryFd root, ImageStoreOptions options, Reaper reaper, Action<string, Exception> warn)
    {
        (_options, _reaper) = (options, reaper);
        _layers = StoreDirectory.Open(root, "l");
        _staging = StoreDirectory.Open(root, "staging");
        _records = new RecordFiles<LayerRecord>(root, "layers", StoreJson.Default.LayerRecord, warn);
        _sync = new FileSystemSync(root);
        _slots = new SemaphoreSlim(options.MaxParallelLayers);
        Load();
    }

    public Layer? Find(Digest diffId)
    {
        lock (_gate)
        {
            return _byDiffId.GetValueOrDefault(diffId);
        }
    }

    public (long Bytes, long Inodes) Usage()
    {
        lock (_gate)
        {
            return (_byDiffId.Values.Sum(l => l.UsedBytes), _byDiffId.Values.Sum(l => l.Inodes));
        }
    }

    /// <summary>Opens a layer's directory, relative to which nothing is ever written again.</summary>
    public DirectoryFd OpenDirectory(Layer layer) => _layers.OpenDirectory(Encoding.ASCII.GetBytes(layer.Name), PathResolution.NoSymlinks);

    /// <summary>
    /// Gives directories that a layer's tar does not name the owner and mode that they have in the layers below, once for each layer.
    /// </summary>
    /// <param name="diffIds">An image's layers, all present, bottom first.</param>
    public async Task SettleAsync(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        List<Layer> stack = [.. diffIds.Select(Find).OfType<Layer>()];
        for (int i = 0; i < stack.Count; i++)
        {
            if (stack[i].ImpliedDirectories.Count == 0)
            {
                continue;
            }

            await _committing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (ImpliedDirectories.Inherit(_layers, stack[i], stack.Take(i).Reverse()))
                {
                    await _sync.SyncAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                }

                Layer settled = stack[i] with { ImpliedDirectories = [] };
                _records.Write(settled.DiffId.Hex, settled.ToRecord());
                Publish(settled);
            }
            finally
            {
                _committing.Release();
            }
        }
    }

    public void Dispose()
    {
        _records.Dispose();
        _staging.Dispose();
        _layers.Dispose();
        _slots.Dispose();
        _committing.Dispose();
    }

    private void Load()
    {
        foreach (string name in DurableFile.List(_staging))
        {
            _reaper.Discard(_staging, Encoding.UTF8.GetBytes(name));
        }

        HashSet<string> directories = [.. DurableFile.List(_layers)];
        foreach (LayerRecord record in _records.ReadAll())
        {
            if (record.Version == LayerRecord.CurrentVersion && directories.Remove(record.Name))
            {
                _byDiffId[record.DiffId] = Layer.Of(record);
                _lastName = Math.Max(_lastName, LayerName.Number(record.Name));
            }
            else
            {
                _records.Remove(record.DiffId.Hex); // its layer is gone: it is fetched again when it is wanted
            }
        }

        foreach (string stray in directories)
        {
            _lastName = Math.Max(_lastName, LayerName.Number(stray));
            _strays.Add(stray);
        }
    }

    private void Publish(Layer layer)
    {
        lock (_gate)
        {
            _byDiffId[layer.DiffId] = layer;
        }
    }
}
