using System.Text;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>How layers go: when nobody uses or leases them.</summary>
internal sealed partial class LayerStore
{
    private readonly Dictionary<Digest, int> _leases = [];

    /// <summary>Directories without a record: what a crash left, or what a snapshot still uses of a layer whose record was damaged.</summary>
    private readonly HashSet<string> _strays = new(StringComparer.Ordinal);

    public bool HasStrays
    {
        get
        {
            lock (_gate)
                return _strays.Count > 0;
        }
    }

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

    /// <summary>Forgets and discards every layer that is neither used nor leased. Needs no free space.</summary>
    /// <param name="findUsed">Asked while no lease can end: who holds a lease is to be seen by it before letting go.</param>
    public void Collect(Func<LayersInUse> findUsed)
    {
        lock (_gate)
        {
            LayersInUse used = findUsed();
            if (used.Directories is not { } held)
                return;
            foreach (Layer layer in _byDiffId.Values.Where(l => !IsUsed(l)).ToList())
            {
                _records.Remove(layer.DiffId.Hex);
                _byDiffId.Remove(layer.DiffId);
                _reaper.Discard(_layers, Encoding.ASCII.GetBytes(layer.Name));
            }

            DiscardStrays(held);

            bool IsUsed(Layer layer) => used.DiffIds.Contains(layer.DiffId) || held.Contains(layer.Name) || _leases.ContainsKey(layer.DiffId);
        }
    }

    /// <summary>Discards directories that have no record.</summary>
    /// <param name="held">Except these; null: except all.</param>
    /// <returns>Those that stay.</returns>
    public IReadOnlyList<string> DiscardStrays(IReadOnlySet<string>? held)
    {
        lock (_gate)
        {
            foreach (string name in _strays.Where(name => held?.Contains(name) == false).ToList())
            {
                _strays.Remove(name);
                _reaper.Discard(_layers, Encoding.UTF8.GetBytes(name));
            }

            return [.. _strays.Order(StringComparer.Ordinal)];
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
