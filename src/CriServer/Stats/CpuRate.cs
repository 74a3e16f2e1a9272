namespace CriRuntime.CriServer.Stats;

/// <summary>
/// Nanocores: CPU time used per second of time passed, between two readings that are at least <see cref="MinimumInterval"/>
/// apart. Several callers that ask at short intervals share the rate of the last such pair.
/// </summary>
internal sealed class CpuRate
{
    internal static readonly TimeSpan MinimumInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private ulong _usage;
    private long _timestamp;
    private ulong? _rate;

    /// <param name="usage">Nanoseconds of CPU time since the beginning.</param>
    /// <param name="timestamp">Nanoseconds since the epoch.</param>
    /// <returns>Null before the second reading.</returns>
    internal ulong? Update(ulong usage, long timestamp)
    {
        lock (_gate)
        {
            long passed = timestamp - _timestamp;
            if (_timestamp != 0 && passed < MinimumInterval.Ticks * 100)
                return _rate;
            if (_timestamp != 0 && usage >= _usage)
                _rate = (ulong)((usage - _usage) * 1e9 / passed);
            (_usage, _timestamp) = (usage, timestamp);
            return _rate;
        }
    }
}
