using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>Adopts the monitor of one pod, and learns from it what happened while no daemon was there.</summary>
public sealed class RecoverPod(
    RuntimeState state, IMonitorLauncher launcher, MonitorEvents events, UndoContainer undoContainer, ILogger<RecoverPod> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task ExecuteAsync(string podId, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        IMonitor? monitor = await TryAdoptAsync(podId, limit.Token, cancellationToken).ConfigureAwait(false);
        if (monitor is null)
            await events.ReconcileAsync(podId, monitorLives: false).ConfigureAwait(false);
        else
            await LearnAsync(podId, monitor, limit.Token).ConfigureAwait(false);
        foreach (Container container in state.ContainersOf(podId).Where(c => c.Phase == ContainerPhase.Creating))
            await undoContainer.ExecuteAsync(container, monitor, cancellationToken).ConfigureAwait(false);
        if (monitor is null)
            state.Pods.TryTransition(podId, SandboxTransitions.MonitorLost);
    }

    private async Task<IMonitor?> TryAdoptAsync(string podId, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            IMonitor monitor = await launcher.AdoptAsync(state.Directories.Pod(podId), limit).ConfigureAwait(false);
            events.Watch(podId, monitor);
            return monitor;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            RecoveryLog.NotAdopted(logger, podId, e.Message);
            return null;
        }
    }

    private async Task LearnAsync(string podId, IMonitor monitor, CancellationToken cancellationToken)
    {
        IReadOnlyList<WatchedContainer> watched = await monitor.ListContainersAsync(cancellationToken).ConfigureAwait(false);
        foreach (WatchedContainer one in watched)
        {
            if (state.Containers.Current.GetValueOrDefault(one.Id) is not { } container)
                await monitor.DeleteContainerAsync(one.Id, cancellationToken).ConfigureAwait(false);
            else if (one.Running && container.Phase == ContainerPhase.Created)
                state.Containers.Transition(one.Id, c => ContainerTransitions.Running(c, one.Pid, state.Now())); // the daemon died between start and record
        }

        await events.ReconcileAsync(podId, monitorLives: true).ConfigureAwait(false);
        HashSet<string> known = [.. watched.Select(one => one.Id)];
        foreach (Container container in state.ContainersOf(podId).Where(c => c.IsAlive && !known.Contains(c.Id)))
            state.Containers.TryTransition(container.Id, c => ContainerTransitions.Lost(c, "the pod's monitor does not know it", state.Now()));
    }
}
