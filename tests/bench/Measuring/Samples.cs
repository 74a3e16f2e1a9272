using System.Diagnostics;

namespace CriRuntime.Bench.Measuring;

/// <summary>Durations of one operation, in milliseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];
    private readonly Lock _gate = new();

    internal async Task<T> TimeAsync<T>(Func<Task<T>> operation)
    {
        long started = Stopwatch.GetTimestamp();
        T result = await operation();
        Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return result;
    }

    /// <summary>A hundred calls one after another, or as many as begin within ten seconds; five more before them are not counted.</summary>
    internal static async Task<Distribution> OfAsync<T>(Func<Task<T>> call)
    {
        for (int i = 0; i < 5; i++)
            await call();
        Samples samples = new();
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < 100 && Stopwatch.GetElapsedTime(started).TotalSeconds < 10; i++)
            await samples.TimeAsync(call);
        return samples.Distribution();
    }

    internal void Add(double milliseconds)
    {
        lock (_gate)
            _values.Add(milliseconds);
    }

    internal Distribution Distribution()
    {
        double[] sorted;
        lock (_gate)
            sorted = [.. _values.Order()];
        return new Distribution(sorted.Length, Quantile(sorted, 0.5), Quantile(sorted, 0.9), Quantile(sorted, 0.99));
    }

    /// <summary>The nearest-rank quantile.</summary>
    internal static double Quantile(double[] sorted, double q) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
}

/// <summary>Milliseconds at three quantiles, over <paramref name="Count"/> samples.</summary>
internal sealed record Distribution(int Count, double P50, double P90, double P99);
