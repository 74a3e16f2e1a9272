namespace CriRuntime.Nri.Plugins;

/// <summary>
/// Many may be inside at once; who closes the gate waits until all have left, and is alone then. New ones wait meanwhile. So a plugin that comes
/// learns of each container once: from the state, or from an event. Entering an open gate costs no allocation. Nobody may enter twice.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing.")]
internal sealed class SynchronizationGate
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _closers = new(1, 1);
    private int _inside;
    private TaskCompletionSource? _opened;
    private TaskCompletionSource? _drained;

    internal async ValueTask EnterAsync()
    {
        while (true)
        {
            Task opened;
            lock (_gate)
            {
                if (_opened is null)
                {
                    _inside++;
                    return;
                }

                opened = _opened.Task;
            }

            await opened.ConfigureAwait(false);
        }
    }

    internal void Leave()
    {
        lock (_gate)
        {
            if (--_inside == 0)
                _drained?.TrySetResult();
        }
    }

    /// <summary>Disposing the result opens the gate again.</summary>
    internal async Task<IDisposable> CloseAsync()
    {
        await _closers.WaitAsync().ConfigureAwait(false);
        Task drained = Task.CompletedTask;
        lock (_gate)
        {
            _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_inside > 0)
            {
                _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                drained = _drained.Task;
            }
        }

        await drained.ConfigureAwait(false);
        return new Closed(this);
    }

    private void Open()
    {
        lock (_gate)
        {
            _opened!.SetResult();
            (_opened, _drained) = (null, null);
        }

        _closers.Release();
    }

    private sealed class Closed(SynchronizationGate owner) : IDisposable
    {
        public void Dispose() => owner.Open();
    }
}
