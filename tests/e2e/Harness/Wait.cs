using System.Diagnostics;

namespace CriRuntime.E2e.Harness;

/// <summary>Waits for something that happens by itself, and fails with its name when it does not.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_limit = Seconds(30);

    /// <summary>A limit that depends on the clock: so many seconds on common hardware.</summary>
    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds * Programs.TimeFactor);

    /// <summary>For one call that has to end.</summary>
    internal static CancellationToken Limit => new CancellationTokenSource(s_limit).Token;

    internal static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));

    internal static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > s_limit)
                throw new TimeoutException($"waited {s_limit.TotalSeconds} s for: {what}");
            await Task.Delay(10);
        }
    }
}
