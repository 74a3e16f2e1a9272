namespace CriRuntime.Conmon.Logs;

/// <summary>RFC 3339 with nine digits of the second in UTC, as the kubelet parses it: 2006-01-02T15:04:05.000000000Z.</summary>
internal sealed class CriTimestamp
{
    /// <summary>Bytes of every timestamp.</summary>
    internal const int Length = 30;

    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly byte[] _text = "0000-00-00T00:00:00.000000000Z"u8.ToArray();
    private long _second = long.MinValue;

    /// <summary>The text for a time in nanoseconds since the epoch (years 1970 to 9999); valid until the next call.</summary>
    internal ReadOnlySpan<byte> Format(long nanoseconds)
    {
        long second = nanoseconds / NanosecondsPerSecond;
        if (second != _second)
        {
            FormatSecond(second);
            _second = second;
        }

        Digits(20, 9, nanoseconds % NanosecondsPerSecond);
        return _text;
    }

    private void FormatSecond(long second)
    {
        DateTime time = DateTime.UnixEpoch.AddSeconds(second);
        Digits(0, 4, time.Year);
        Digits(5, 2, time.Month);
        Digits(8, 2, time.Day);
        Digits(11, 2, time.Hour);
        Digits(14, 2, time.Minute);
        Digits(17, 2, time.Second);
    }

    private void Digits(int at, int count, long value)
    {
        for (int i = at + count - 1; i >= at; i--)
        {
            _text[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
