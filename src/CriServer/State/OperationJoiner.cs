using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.State;

/// <summary>
/// Lets the retry of a request join the operation that the first one started. The work never hangs on a caller's
/// patience: it goes on when its caller's deadline passes, and a result that nobody was there to receive is
/// kept for the retry that comes to fetch it.
/// <code>
/// request ──> [none] ──start──> [running] ──done, someone received it──> [none]
///                                  ^  │
///                 same request ────┘  └─done, every caller had left──> [kept] ──same request──> [none]
/// </code>
/// </summary>
/// <param name="keepsResults">False where the work is idempotent: a retry then just does it again, and nothing is kept.</param>
public sealed class OperationJoiner<TResult>(bool keepsResults)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Operation> _operations = [];

    /// <summary>How many operations run or keep a result.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _operations.Count;
        }
    }

    /// <summary>Starts the work, or joins the one already under this key.</summary>
    /// <param name="key">What only one operation at a time may be about, e.g. a pod's name.</param>
    /// <param name="fingerprint">Equal for a retry of the same request.</param>
    /// <param name="work">Runs at most once at a time per key, and is not given the caller's token.</param>
    /// <param name="cancellationToken">Ends the caller's wait, not the work.</param>
    /// <exception cref="CriException">AlreadyExists when a different request holds the key now.</exception>
    public async Task<TResult> RunAsync(
        string key, string fingerprint, Func<Task<TResult>> work, CancellationToken cancellationToken)
    {
        (Operation operation, bool mine) = Join(key, fingerprint);
        if (mine)
            _ = CompleteAsync(key, operation, work);
        try
        {
            TResult result = await operation.Result.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            Leave(key, operation, received: true);
            return result;
        }
        catch
        {
            Leave(key, operation, received: false);
            throw;
        }
    }

    /// <summary>Drops a kept result: what it names is gone.</summary>
    public void Forget(string key)
    {
        lock (_gate)
        {
            if (_operations.TryGetValue(key, out Operation? operation) && operation.Result.Task.IsCompleted)
                _operations.Remove(key);
        }
    }

    private (Operation Operation, bool Mine) Join(string key, string fingerprint)
    {
        lock (_gate)
        {
            bool running = _operations.TryGetValue(key, out Operation? operation);
            if (running && operation!.Fingerprint != fingerprint && !operation.Result.Task.IsCompleted)
            {
                throw CriException.AlreadyExists(
                    $"{key}: another request with a different configuration is being carried out; retry when it is done");
            }

            bool joins = running && operation!.Fingerprint == fingerprint;
            if (!joins)
                _operations[key] = operation = new Operation(fingerprint);
            operation!.Waiters++;
            return (operation, !joins);
        }
    }

    private async Task CompleteAsync(string key, Operation operation, Func<Task<TResult>> work)
    {
        try
        {
            TResult result = await work().ConfigureAwait(false);
            if (!keepsResults)
                Remove(key, operation);
            operation.Result.SetResult(result);
        }
        catch (Exception e)
        {
            Remove(key, operation);
            operation.Result.SetException(e);
            _ = operation.Result.Task.Exception; // every caller may have left
        }
    }

    private void Leave(string key, Operation operation, bool received)
    {
        lock (_gate)
        {
            operation.Waiters--;
            operation.Received |= received;
            if (operation.Received && operation.Waiters == 0)
                RemoveLocked(key, operation);
        }
    }

    private void Remove(string key, Operation operation)
    {
        lock (_gate)
            RemoveLocked(key, operation);
    }

    private void RemoveLocked(string key, Operation operation)
    {
        if (_operations.TryGetValue(key, out Operation? current) && ReferenceEquals(current, operation))
            _operations.Remove(key);
    }

    private sealed class Operation(string fingerprint)
    {
        public string Fingerprint { get; } = fingerprint;

        public TaskCompletionSource<TResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiters { get; set; }

        public bool Received { get; set; }
    }
}
