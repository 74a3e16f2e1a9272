namespace CriRuntime.Images.Content;

/// <summary>
/// Work that several callers want at once is done once, and all get its result. A caller that gives up leaves the others undisturbed; the work
/// is cancelled when the last one has given up.
/// </summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _flights = [];

    /// <summary>Keys in flight now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _flights.Count;
            }
        }
    }

    /// <summary>Joins the work of that key, or starts it.</summary>
    public async Task<TResult> RunAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Flight flight = Join(key, work);
        try
        {
            return await flight.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await LeaveAsync(key, flight).ConfigureAwait(false);
        }
    }

    private Flight Join(TKey key, Func<CancellationToken, Task<TResult>> work)
    {
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out Flight? flight))
            {
                var cancellation = new CancellationTokenSource();
                Task<TResult> task = Task.Run(() => work(cancellation.Token), CancellationToken.None);
                _flights[key] = flight = new Flight(task, cancellation);
            }

            flight.Waiters++;
            return flight;
        }
    }

    private async Task LeaveAsync(TKey key, Flight flight)
    {
        lock (_gate)
        {
            if (--flight.Waiters > 0)
            {
                return;
            }

            // Nobody may join work that is over or about to be cancelled.
            _flights.Remove(key);
        }

        await flight.Cancellation.CancelAsync().ConfigureAwait(false);
        if (!flight.Task.IsCompleted)
        {
            // The cancelled work unwinds on its own; its outcome interests nobody, but must not be "unobserved".
            _ = flight.Task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private sealed record Flight(Task<TResult> Task, CancellationTokenSource Cancellation)
    {
        public int Waiters { get; set; }
    }
}
