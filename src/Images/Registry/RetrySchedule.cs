namespace CriRuntime.Images.Registry;

/// <summary>Exponential backoff with jitter, which obeys a server's Retry-After up to a limit.</summary>
internal sealed class RetrySchedule(TimeSpan first, TimeSpan longest)
{
    /// <summary>
    /// The wait after the <paramref name="failures"/>th failure (from 1): between half and all of first·2^(n-1).
    /// Null when the server asks for a longer wait than the limit, so that waiting is the caller's business.
    /// </summary>
    public TimeSpan? DelayAfter(int failures, TimeSpan? retryAfter)
    {
        if (retryAfter > longest)
            return null;
        double ceiling = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 30)), longest.TotalSeconds);
        TimeSpan backoff = TimeSpan.FromSeconds(ceiling * (0.5 + (Random.Shared.NextDouble() / 2)));
        return retryAfter > backoff ? retryAfter : backoff;
    }
}
