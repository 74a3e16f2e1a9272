using System.Globalization;

namespace Grpc.Wire;

/// <summary>The grpc-timeout header: one to eight digits and a unit (H, M, S, m, u, n).</summary>
internal static class CallTimeout
{
    private const long MaxDigits = 99_999_999;

    /// <summary>Timers take no more than this; a longer timeout is none.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    internal static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long amount))
        {
            return false;
        }

        long ticksPerUnit = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0,
            _ => -1,
        };
        if (ticksPerUnit < 0) return false;
        timeout = ticksPerUnit == 0
            ? TimeSpan.FromTicks(amount / TimeSpan.NanosecondsPerTick)
            : TimeSpan.FromTicks(amount * ticksPerUnit); // 99999999 h fit: 3.6e18 ticks
        return true;
    }

    /// <summary>The finest unit that fits into eight digits; nothing is rounded up past a deadline by more than a unit.</summary>
    internal static string Format(TimeSpan timeout)
    {
        long ticks = Math.Max(timeout.Ticks, 1);
        ReadOnlySpan<(long TicksPerUnit, char Unit)> units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'),
            (TimeSpan.TicksPerSecond, 'S'), (TimeSpan.TicksPerMinute, 'M'),
        ];
        foreach ((long ticksPerUnit, char unit) in units)
        {
            long amount = (ticks + ticksPerUnit - 1) / ticksPerUnit;
            if (amount <= MaxDigits) return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Min((ticks / TimeSpan.TicksPerHour) + 1, MaxDigits)}H");
    }
}
