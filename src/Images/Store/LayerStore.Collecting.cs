using System.Text;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>How layers go: when nobody uses or leases them.</summary>
internal sealed partial class LayerStore
{
    private readonly Dictionary<Digest, int> _leases = [];

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
