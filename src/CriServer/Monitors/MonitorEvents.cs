using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Monitors;

/// <summary>Turns what monitors report into state: a container's end, and the end of a monitor.</summary>
public sealed class MonitorEvents(
    RuntimeState state, MonitorRegistry monitors, IExitRecords exits, IContainerCgroups cgroups, NodeClasses classes, Telemetry telemetry, ILogger<MonitorEvents> logger)
{
    /// <summary>From here on the monitor's reports count.</summary>
    public void Watch(string podId, IMonitor monitor)
    {
        monitor.ContainerExited += OnContainerExited;
        monitor.LogTroubled += OnLogTroubled;
        monitors.Add(podId, monitor);
        _ = NoticeEndAsync(podId, monitor);
    }

    /// <summary>
    /// Records the end of every container of the pod that has an exit record. Without a monitor the others are killed
    /// (nobody would notice their end) and recorded as lost.
    /// </summary>
    public async Task ReconcileAsync(string podId, bool monitorLives)
    {
        foreach (Container container in state.ContainersOf(podId).Where(c => c.IsAlive))
        {
            if (exits.Read(podId, container.Id) is { } exit)
                OnContainerExited(exit);
            else if (!monitorLives)
                await LoseAsync(container).ConfigureAwait(false);
        }
    }

    private async Task NoticeEndAsync(string podId, IMonitor monitor)
    {
        await monitor.Exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!monitors.IsWatched(podId, monitor))
            return; // it was told to shut down
        MonitorLog.MonitorLost(logger, podId, monitor.Pid);
        await ReconcileAsync(podId, monitorLives: false).ConfigureAwait(false);
        state.Pods.TryTransition(podId, SandboxTransitions.MonitorLost);
    }

    private async Task LoseAsync(Container container)
    {
        string message = "the pod's monitor is gone and left no exit record";
        try
        {
            await cgroups.KillAllAsync(container.CgroupPath, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            message = $"{message}; its processes could not be killed: {e.Message}";
            MonitorLog.NotKilled(logger, container.Id, e);
        }

        state.Containers.TryTransition(container.Id, c => ContainerTransitions.Lost(c, message, state.Now()));
    }

    private void OnLogTroubled(LogTrouble trouble)
    {
        switch (trouble.Kind)
        {
            case LogTroubleKind.Recovered:
                MonitorLog.LogRecovered(logger, trouble.Id, trouble.LostBytes);
                break;
            case LogTroubleKind.RateLimited:
                telemetry.LogFailed("rate limit");
                MonitorLog.LogRateLimited(logger, trouble.Id, trouble.LostBytes);
                break;
            default:
                string error = ((Errno)trouble.Errno).ToString();
                telemetry.LogFailed(error);
                MonitorLog.LogFailed(logger, trouble.Id, error, trouble.LostBytes);
                break;
        }
    }

    private void OnContainerExited(ContainerExitNotice exit)
    {
        Container? alive = state.Containers.Find(exit.ContainerId) is { IsAlive: true } found ? found : null;
        if (alive is not null)
            GiveBackClass(alive);
        Container? ended = state.Containers.TryTransition(
            exit.ContainerId, c => ContainerTransitions.Exited(c, exit.ExitCode, exit.OomKilled, exit.FinishedAt));
        if (alive is not null && ended is not null)
            telemetry.ContainerExited(ended.Reason);
    }

    /// <summary>A processor has few classes, and an ended container may be kept for long. What fails here is tried again when it is removed.</summary>
    private void GiveBackClass(Container ended)
    {
        try
        {
            classes.RemoveOwn(ended);
        }
        catch (IOException e)
        {
            MonitorLog.ClassNotRemoved(logger, ended.Id, e.Message);
        }
    }
}

/// <summary>The exit records that monitors leave on disk.</summary>
public interface IExitRecords
{
    /// <summary>Null when the container has none, or an unreadable one.</summary>
    ContainerExitNotice? Read(string podId, string containerId);
}
