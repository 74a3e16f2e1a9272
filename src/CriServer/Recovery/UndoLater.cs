using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>
/// Pods and containers that failed and could not be undone at once, as when the daemon is out of descriptors: what the next start would do is tried in the
/// background until it succeeds.
/// </summary>
public sealed class UndoLater(
    RuntimeState state, UndoSandbox undoSandbox, UndoContainer undoContainer, MonitorRegistry monitors, TimeProvider time, ILogger<UndoLater> logger)
    : IAsyncDisposable
{
    private readonly BackgroundRetries _retries = new(time);

    /// <summary>How many are not undone yet.</summary>
    public int Count => _retries.Count;

    /// <param name="pod">As it was last on record; nobody sees it any more.</param>
    public void Add(PodSandbox pod) => Start($"pod sandbox {pod.Id}", pod.Id, cancellationToken => undoSandbox.ExecuteAsync(pod, cancellationToken));

    /// <param name="container">As it was last on record.</param>
    public void Add(Container container) => Start($"container {container.Id}", container.Id, async cancellationToken =>
    {
        using IDisposable held = await state.ContainerLocks.AcquireAsync(container.Id, cancellationToken).ConfigureAwait(false);
        await undoContainer.ExecuteAsync(container, monitors.Find(container.SandboxId), cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Ends the tries of this process; the next one finds what is left on disk.</summary>
    public ValueTask DisposeAsync() => _retries.DisposeAsync();

    private void Start(string what, string id, Func<CancellationToken, Task> undo) => _retries.Start(
        id,
        async cancellationToken =>
        {
            await undo(cancellationToken).ConfigureAwait(false);
            RecoveryLog.Undone(logger, what);
        },
        (pause, e) => RecoveryLog.StillThere(logger, what, pause, e.Message));
}
