using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>
/// Takes back what was done for pods and containers that failed. What can't be undone at once, as when the daemon is out of descriptors, is tried in the
/// background until it succeeds, in the way of the next start.
/// </summary>
public sealed class Rollback(
    RuntimeState state, UndoSandbox undoSandbox, UndoContainer undoContainer, MonitorRegistry monitors, TimeProvider time, ILogger<Rollback> logger)
    : IAsyncDisposable
{
    private readonly BackgroundRetries _retries = new(time);

    /// <summary>How many are not undone yet.</summary>
    public int Count => _retries.Count;

    /// <summary>Runs <paramref name="undo"/>; never throws.</summary>
    public Task RunAsync(PodSandbox pod, UndoStack undo)
    {
        PodSandbox last = state.Pods.Current.GetValueOrDefault(pod.Id) ?? pod; // the undo takes it from the record
        return RunAsync($"pod sandbox {pod.Id}", pod.Id, undo, cancellationToken => undoSandbox.ExecuteAsync(last, cancellationToken));
    }

    /// <inheritdoc cref="RunAsync(PodSandbox, UndoStack)"/>
    public Task RunAsync(Container container, UndoStack undo)
    {
        Container last = state.Containers.Current.GetValueOrDefault(container.Id) ?? container;
        return RunAsync($"container {container.Id}", container.Id, undo, async cancellationToken =>
        {
            using IDisposable held = await state.ContainerLocks.AcquireAsync(last.Id, cancellationToken).ConfigureAwait(false);
            await undoContainer.ExecuteAsync(last, monitors.Find(last.SandboxId), cancellationToken).ConfigureAwait(false);
        });
    }

    /// <summary>Ends the tries of this process; the next one finds what is left on disk.</summary>
    public ValueTask DisposeAsync() => _retries.DisposeAsync();

    private async Task RunAsync(string what, string id, UndoStack undo, Func<CancellationToken, Task> again)
    {
        IReadOnlyList<UndoFailure> failures = await undo.RunAsync().ConfigureAwait(false);
        foreach (UndoFailure failure in failures)
            RecoveryLog.NotUndone(logger, what, failure.Step, failure.Cause);
        if (failures.Count > 0)
            Retry(what, id, again);
    }

    private void Retry(string what, string id, Func<CancellationToken, Task> undo) => _retries.Start(
        id,
        async cancellationToken =>
        {
            await undo(cancellationToken).ConfigureAwait(false);
            RecoveryLog.Undone(logger, what);
        },
        (pause, e) => RecoveryLog.StillThere(logger, what, pause, e.Message));
}
