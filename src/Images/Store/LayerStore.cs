using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Images.Layers;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>
/// Unpacked layers by diff id. A layer is unpacked into <c>staging/</c>, synced, renamed to <c>l/&lt;name&gt;</c>, and then has a record: whatever lacks one is rubbish of a
/// crash. Layers do not depend on one another, so all of them unpack at the same time.
/// </summary>
internal sealed class LayerStore : IDisposable
{
    private readonly ImageStoreOptions _options;
    private readonly DirectoryFd _layers;
    private readonly DirectoryFd _staging;
    private readonly RecordFiles<LayerRecord> _records;
    private readonly Reaper _reaper;
    private readonly FileSystemSync _sync;
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _committing = new(1);
    private readonly SingleFlight<Digest, Layer> _flights = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Layer> _byDiffId = [];
    private readonly Dictionary<Digest, int> _leases = [];
    private long _lastName;

    public LayerStore(DirectoryFd root, ImageStoreOptions options, Reaper reaper, Action<string, Exception> warn)
    {
        (_options, _reaper) = (options, reaper);
        _layers = StoreDirectory.Open(root, "l");
        _staging = StoreDirectory.Open(root, "staging");
        _records = new RecordFiles<LayerRecord>(StoreDirectory.Open(root, "layers"), StoreJson.Default.LayerRecord, warn);
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

    /// <summary>Keeps layers from being collected until the lease is disposed, whether they exist yet or not.</summary>
    public IDisposable Lease(IReadOnlyList<Digest> diffIds)
    {
        lock (_gate)
        {
            foreach (Digest diffId in diffIds)
            {
                _leases[diffId] = _leases.GetValueOrDefault(diffId) + 1;
            }
        }

        return new LayerLease(this, diffIds);
    }

    /// <summary>The layer, fetched and unpacked unless it is there. Callers who want the same one share the work.</summary>
    public async Task<Layer> EnsureAsync(Digest diffId, Descriptor blob, IBlobSource source, CancellationToken cancellationToken)
    {
        if (Find(diffId) is { } existing)
        {
            return existing;
        }

        bool isMine = false;
        try
        {
            return await _flights.RunAsync(diffId, Fetch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!isMine && e is not OperationCanceledException)
        {
            // Another pull's source failed, perhaps for want of its credentials; this one's may not.
            return await _flights.RunAsync(diffId, Fetch, cancellationToken).ConfigureAwait(false);
        }

        Task<Layer> Fetch(CancellationToken token)
        {
            isMine = true;
            return FetchAsync(diffId, blob, source, token);
        }
    }

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

    /// <summary>Forgets and discards every layer that is neither used nor leased. Needs no free space.</summary>
    /// <param name="findUsed">Asked while no lease can end: who holds a lease is to be seen by it before letting go.</param>
    public void Collect(Func<IReadOnlySet<Digest>> findUsed)
    {
        lock (_gate)
        {
            IReadOnlySet<Digest> used = findUsed();
            foreach (Layer layer in _byDiffId.Values.Where(l => !used.Contains(l.DiffId) && !_leases.ContainsKey(l.DiffId)).ToList())
            {
                _records.Remove(layer.DiffId.Hex);
                _byDiffId.Remove(layer.DiffId);
                _reaper.Discard(_layers, Encoding.ASCII.GetBytes(layer.Name));
            }
        }
    }

    /// <summary>Cancels what is being fetched.</summary>
    public Task CancelAsync() => _flights.CancelAllAsync();

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

        foreach (string orphan in directories)
        {
            _lastName = Math.Max(_lastName, LayerName.Number(orphan));
            _reaper.Discard(_layers, Encoding.UTF8.GetBytes(orphan));
        }
    }

    private async Task<Layer> FetchAsync(Digest diffId, Descriptor blob, IBlobSource source, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        string name = LayerName.Of(Interlocked.Increment(ref _lastName));
        byte[] path = Encoding.ASCII.GetBytes(name);
        try
        {
            if (Find(diffId) is { } existing)
            {
                return existing;
            }

            using DirectoryFd work = StoreDirectory.Open(_staging, name);
            UnpackedLayer unpacked = await UnpackAsync(work, blob, source, cancellationToken).ConfigureAwait(false);
            if (unpacked.DiffId != diffId)
            {
                throw new ImageException(ImageErrorKind.DataLoss, $"layer {blob.Digest} unpacks to {unpacked.DiffId}, but the image configuration says {diffId}");
            }

            return await CommitAsync(unpacked, work, name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (LayerFailure.Explain(e, blob) is { } explained)
        {
            throw explained;
        }
        finally
        {
            _slots.Release();
            _reaper.Discard(_staging, path);
        }
    }

    private async Task<UnpackedLayer> UnpackAsync(DirectoryFd work, Descriptor blob, IBlobSource source, CancellationToken cancellationToken)
    {
        using DirectoryFd root = StoreDirectory.Open(work, "fs", 0x1ED);
        Stream stream = await source.OpenBlobAsync(blob, 0, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await LayerUnpacker.UnpackAsync(stream, root, work, _options.Limits, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Layer> CommitAsync(UnpackedLayer unpacked, DirectoryFd work, string name, CancellationToken cancellationToken)
    {
        await _sync.SyncAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await _committing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A cancelled flight may still be landing while its successor does: one directory per layer, for ever.
            return Find(unpacked.DiffId) ?? Commit(unpacked, work, name);
        }
        finally
        {
            _committing.Release();
        }
    }

    private Layer Commit(UnpackedLayer unpacked, DirectoryFd work, string name)
    {
        byte[] path = Encoding.ASCII.GetBytes(name);
        List<string> implied = [.. unpacked.ImpliedDirectories.Take(ImpliedDirectories.MaxRecorded)];
        var layer = new Layer(unpacked.DiffId, name, unpacked.UsedBytes, unpacked.Inodes, unpacked.HasRootEntry, implied);
        work.Rename("fs"u8, _layers, path);
        try
        {
            _layers.Sync();
            _records.Write(layer.DiffId.Hex, layer.ToRecord());
        }
        catch
        {
            _reaper.Discard(_layers, path);
            throw;
        }

        Publish(layer);
        return layer;
    }

    private void Publish(Layer layer)
    {
        lock (_gate)
        {
            _byDiffId[layer.DiffId] = layer;
        }
    }

    private void Release(IReadOnlyList<Digest> diffIds)
    {
        lock (_gate)
        {
            foreach (Digest diffId in diffIds)
            {
                if (--_leases[diffId] == 0)
                {
                    _leases.Remove(diffId);
                }
            }
        }
    }

    private sealed class LayerLease(LayerStore store, IReadOnlyList<Digest> diffIds) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                store.Release(diffIds);
            }
        }
    }
}
