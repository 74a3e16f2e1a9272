namespace CriRuntime.Cni.Operations;

/// <summary>
/// ADD and DEL of different pods share it; a plugin's GC needs it alone (CNI spec section 4, "Locking &amp; Ordering").
/// GC waits for a quiet moment without holding anybody up, so that a slow plugin delays GC only.
/// </summary>
internal sealed class OperationGate
{
    private readonly Lock _gate = new();
    private int _sharing;
    private bool _alone;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Joins the others; waits only while a GC runs.</summary>
    internal Task<Passage> ShareAsync(CancellationToken cancellationToken) => EnterAsync(alone: false, cancellationToken);

    /// <summary>Waits until nobody is inside, then keeps everybody out.</summary>
    internal Task<Passage> TakeAloneAsync(CancellationToken cancellationToken) => EnterAsync(alone: true, cancellationToken);

    private async Task<Passage> EnterAsync(bool alone, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (!_alone && (!alone || _sharing == 0))
                {
                    _alone = alone;
                    _sharing += alone ? 0 : 1;
                    return new Passage(this, alone);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Leave(bool alone)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _alone &= !alone;
            _sharing -= alone ? 0 : 1;
            signal = _changed;
            _changed = NewSignal();
        }

        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Being inside; Dispose leaves.</summary>
    internal readonly struct Passage(OperationGate gate, bool alone) : IDisposable
    {
        public void Dispose() => gate.Leave(alone);
    }
}
