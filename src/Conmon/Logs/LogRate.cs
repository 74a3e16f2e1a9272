namespace CriRuntime.Conmon.Logs;

/// <summary>A bucket of bytes that fills at a steady rate and holds a second's worth, or one entry if that is more.</summary>
internal sealed class LogRate
{
    private readonly long _bytesPerSecond;
    private readonly long _capacity;
    private long _available;
    private long _filledAt;

    /// <param name="bytesPerSecond">More than 0.</param>
    /// <param name="now">Milliseconds of any steady clock.</param>
    internal LogRate(long bytesPerSecond, long now)
    {
        _bytesPerSecond = bytesPerSecond;
        _capacity = Math.Max(bytesPerSecond, CriLogFormat.MaxEntry);
        _available = _capacity;
        _filledAt = now;
    }

    /// <summary>Takes as many whole entries, from the front, as there are bytes for; returns their length.</summary>
    internal int Admit(ReadOnlySpan<byte> entries, long now)
    {
        Fill(now);
        int admitted = CriLogFormat.WholeEntries(entries, _available);
        _available -= admitted;
        return admitted;
    }

    private void Fill(long now)
    {
        // A day's worth is more than any bucket holds; bounded so that the product is no overflow at sane rates.
        long elapsed = Math.Min(now - _filledAt, 86_400_000);
        long added = (long)Math.Min((double)elapsed * _bytesPerSecond / 1000, _capacity);
        // Fractions of a byte are not lost: the clock only moves on when something was added.
        if (added <= 0)
            return;
        _available = Math.Min(_capacity, _available + added);
        _filledAt = now;
    }
}
