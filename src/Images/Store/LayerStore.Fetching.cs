using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Images.Layers;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Linux;
using CriRuntime.Tracing;

namespace CriRuntime.Images.Store;

/// <summary>How a layer comes: unpacked aside, verified, synced, renamed, recorded.</summary>
internal sealed partial class LayerStore
{
    private readonly SingleFlight<Digest, Layer> _flights = new();

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
            return Spans.RunAsync("image.layer", span =>
            {
                span?.SetTag("layer.digest", blob.Digest.ToString());
                span?.SetTag("layer.size", blob.Size);
                return FetchAsync(diffId, blob, source, token);
            });
        }
    }

    /// <summary>Cancels what is being fetched.</summary>
    public Task CancelAsync() => _flights.CancelAllAsync();

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
}
