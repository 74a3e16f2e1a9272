using CriRuntime.Linux;

namespace CriRuntime.CriServer.Observability;

/// <summary>
/// Hands garbage back to the kernel some time after calls were served. Without it the heap of a node's quiet daemon stays as large as
/// its busiest minute made it, until the next collection, which may be a day away. At rest no timer runs.
/// </summary>
public sealed class MemoryTrim : IDisposable
{
    /// <summary>A full collection of some 10 MB takes some 10 ms; once in so long is nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const long WorthIt = 8 << 20;

    private readonly ITimer _timer;
    private int _armed;
    private long _allocatedAtLast;

    public MemoryTrim(TimeProvider time) => _timer = time.CreateTimer(_ => Trim(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Something was done that left garbage.</summary>
    public void Note()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Collects everything, gives free regions back, and lets go of code that was needed once.</summary>
    internal static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        MappedFiles.Release();
    }

    private void Trim()
    {
        Volatile.Write(ref _armed, 0);
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _allocatedAtLast < WorthIt)
            return;
        _allocatedAtLast = allocated;
        Collect();
    }
}
