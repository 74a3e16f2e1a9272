namespace CriRuntime.CriServer.Recovery;

/// <summary>Opens when the daemon knows what of its state still lives. Lists and statuses are answered before; what changes something waits.</summary>
public sealed class RecoveryGate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _open.TrySetResult();

    public ValueTask PassAsync(CancellationToken cancellationToken) =>
        _open.Task.IsCompleted ? ValueTask.CompletedTask : new ValueTask(_open.Task.WaitAsync(cancellationToken));
}
