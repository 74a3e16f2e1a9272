using System.Collections.Concurrent;
using System.Text;
using CriRuntime.Images.Content;
using CriRuntime.Linux;

namespace CriRuntime.Images.Snapshots;

/// <summary>What containers wrote. A figure is at most ten seconds old for who waits for it, and refreshed in the background for who does not.</summary>
internal sealed class SnapshotMeter(DirectoryFd snapshots, ConcurrentDictionary<string, SnapshotEntry> entries, Action<string, Exception> warn)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    private readonly SingleFlight<string, SnapshotUsage> _measuring = new();
    private int _isRefreshing;

    /// <summary>The last figures of all snapshots together; old ones are measured again in the background.</summary>
    public SnapshotUsage Total()
    {
        long bytes = 0;
        long inodes = 0;
        DateTimeOffset oldest = DateTimeOffset.UtcNow;
        foreach (SnapshotEntry entry in entries.Values)
        {
            SnapshotUsage usage = entry.Usage;
            bytes += usage.Bytes;
            inodes += usage.Inodes;
            if (usage.MeasuredAt < oldest)
                oldest = usage.MeasuredAt;
        }

        RefreshWhenOld(oldest);
        return new SnapshotUsage(bytes, inodes, oldest);
    }

    /// <summary>The last figure, however old, without a look at the files; an old one is measured again in the background.</summary>
    /// <returns>Null when there is no such snapshot.</returns>
    public SnapshotUsage? Last(string key)
    {
        if (!entries.TryGetValue(key, out SnapshotEntry? entry))
            return null;
        SnapshotUsage usage = entry.Usage;
        RefreshWhenOld(usage.MeasuredAt);
        return usage;
    }

    /// <summary>A figure that is not old; null when there is no such snapshot.</summary>
    public async Task<SnapshotUsage?> MeasureAsync(string key, CancellationToken cancellationToken)
    {
        if (!entries.TryGetValue(key, out SnapshotEntry? entry))
            return null;
        if (DateTimeOffset.UtcNow - entry.Usage.MeasuredAt > MaxAge)
            entry.Usage = await _measuring.RunAsync(key, token => Task.FromResult(Measure(key, token)), cancellationToken).ConfigureAwait(false);
        return entry.Usage;
    }

    private void RefreshWhenOld(DateTimeOffset measuredAt)
    {
        if (DateTimeOffset.UtcNow - measuredAt > MaxAge && Interlocked.Exchange(ref _isRefreshing, 1) == 0)
            _ = Task.Run(RefreshAsync);
    }

    private async Task RefreshAsync()
    {
        try
        {
            foreach (string key in entries.Keys)
                await MeasureAsync(key, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            warn("measuring what containers wrote", e);
        }
        finally
        {
            Volatile.Write(ref _isRefreshing, 0);
        }
    }

    private SnapshotUsage Measure(string key, CancellationToken cancellationToken)
    {
        using DirectoryFd? upper = snapshots.TryOpenDirectory(Encoding.ASCII.GetBytes($"{key}/upper"), PathResolution.NoSymlinks);
        (long bytes, long inodes) = upper is null ? (0, 0) : TreeUsage.Measure(upper, cancellationToken);
        return new SnapshotUsage(bytes, inodes, DateTimeOffset.UtcNow);
    }
}
