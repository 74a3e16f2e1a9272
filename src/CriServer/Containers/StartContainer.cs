using System.Diagnostics;
using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Containers;

/// <summary>StartContainer: the waiting process execs. When it can't, or a poststart hook fails, the container has ended with code 128 and reason StartError.</summary>
public sealed class StartContainer(
    RuntimeState state, MonitorRegistry monitors, BinaryContainers binaries, KillContainer kill, LaterHooks hooks, NriPlugins plugins, Telemetry telemetry,
    ILogger<StartContainer> logger)
{
    /// <exception cref="CriException">NotFound; FailedPrecondition unless it is Created.</exception>
    public async Task ExecuteAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        string id = state.Containers.Get(idOrPrefix).Id;
        Spans.Tag("container.id", id);
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, cancellationToken).ConfigureAwait(false);
        Container container = state.Containers.Get(id);
        ContainerTransitions.EnsureStartable(container);
        IMonitor monitor = monitors.Get(container.SandboxId);
        using PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false);
        long startedAt = state.Now();
        try
        {
            await plugins.TellAsync(turn, Event.StartContainer, container).ConfigureAwait(false);
            container = await StartAsync(container, monitor).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await FailAsync(container, e.Message).ConfigureAwait(false);
            throw;
        }

        Container running = state.Containers.Transition(id, c => ContainerTransitions.Running(c, container.Pid, startedAt));
        if (container.RestoredFrom is { } checkpoint)
            CheckpointDirectories.Remove(checkpoint);
        try
        {
            await hooks.PoststartAsync(container).ConfigureAwait(false);
        }
        catch (CriException e)
        {
            await FailAsync(container, e.Message).ConfigureAwait(false);
            throw;
        }

        await plugins.InformAsync(turn, Event.PostStartContainer, running).ConfigureAwait(false);
        telemetry.ContainerStarted(HandlerOf(container), succeeded: true);
        ContainerLog.Started(logger, id);
    }

    /// <returns>The container with the pid that it now has.</returns>
    private async Task<Container> StartAsync(Container container, IMonitor monitor)
    {
        if (container.RestoredFrom is { } checkpoint)
            return await RestoreAsync(container, checkpoint, monitor).ConfigureAwait(false);
        if (binaries.HandlerOf(container.SandboxId) is not { } handler)
        {
            await monitor.StartContainerAsync(container.Id, plan: null, CancellationToken.None).ConfigureAwait(false);
            return container;
        }

        await binaries.ExplainAsync(handler, container, "start", async () =>
        {
            await monitor.StartContainerAsync(container.Id, binaries.PlanStart(handler, container), CancellationToken.None).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return container;
    }

    private string HandlerOf(Container container) => state.Pods.Current.GetValueOrDefault(container.SandboxId)?.Runtime?.Name ?? RuntimeHandler.BuiltIn.Name;

    private async Task<Container> RestoreAsync(Container container, string checkpoint, IMonitor monitor)
    {
        long began = Stopwatch.GetTimestamp();
        bool restored = false;
        try
        {
            Container running = await AwaitRestoredAsync(container, checkpoint, monitor).ConfigureAwait(false);
            restored = true;
            return running;
        }
        finally
        {
            telemetry.Restored(restored, Stopwatch.GetElapsedTime(began));
        }
    }

    private static async Task<Container> AwaitRestoredAsync(Container container, string checkpoint, IMonitor monitor)
    {
        try
        {
            await monitor.StartContainerAsync(container.Id, plan: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MonitorException e)
        {
            string said = CriuLog.Errors(Path.Join(checkpoint, CheckpointNames.RestoreLog));
            throw new CriException(CriErrorKind.FailedPrecondition, $"{container} was not restored: criu or this kernel can't: {said} ({e.Message})", e);
        }

        IReadOnlyList<WatchedContainer> watched = await monitor.ListContainersAsync(CancellationToken.None).ConfigureAwait(false);
        int pid = watched.FirstOrDefault(one => one.Id == container.Id)?.Pid ?? 0;
        return pid != container.Pid
            ? container with { Pid = pid }
            : throw CriException.FailedPrecondition($"{container} can't be restored: the monitor of its pod is of an earlier version; make a new pod");
    }

    private async Task FailAsync(Container container, string reason)
    {
        telemetry.ContainerStarted(HandlerOf(container), succeeded: false);
        ContainerLog.NotStarted(logger, container.Id, reason);
        state.Containers.Transition(container.Id, c => ContainerTransitions.StartFailed(c, reason, state.Now()));
        try
        {
            await kill.ExecuteAsync(container, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or CriException)
        {
            ContainerLog.NotEnded(logger, container.Id, e);
        }
    }
}
