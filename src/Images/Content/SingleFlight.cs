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
    private readonly HashSet<Flight> _landing = []; // cancelled, and not over yet

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

    /// <summary>Cancels all work and returns when it has unwound; the callers get its cancellation.</summary>
    public async Task CancelAllAsync()
    {
        List<Flight> flights;
        lock (_gate)
        {
            flights = [.. _flights.Values, .. _landing];
        }

        foreach (Flight flight in flights)
        {
            await flight.Cancellation.CancelAsync().ConfigureAwait(false);
            await ((Task)flight.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            if (!flight.Task.IsCompleted)
            {
                _landing.Add(flight);
            }
        }

        await flight.Cancellation.CancelAsync().ConfigureAwait(false);
        _ = flight.Task.ContinueWith(_ => Land(flight), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>The outcome of cancelled work interests nobody, but must have been looked at.</summary>
    private void Land(Flight flight)
    {
        _ = flight.Task.Exception;
        lock (_gate)
        {
            _landing.Remove(flight);
        }
    }

    private sealed class Flight(Task<TResult> task, CancellationTokenSource cancellation)
    {
        public Task<TResult> Task { get; } = task;

        public CancellationTokenSource Cancellation { get; } = cancellation;

        public int Waiters { get; set; }
    }
}
