using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>
/// RemovePodSandbox: stops the pod if need be, removes its containers, and leaves nothing of it: monitor, namespaces, files,
/// cgroup, records. Idempotent; a second request joins the first, and a request after a failure goes on where that one stopped.
/// </summary>
public sealed class RemoveSandbox(
    RuntimeState state,
    StopSandbox stop,
    RemoveContainer removeContainer,
    MonitorRegistry monitors,
    IContainerCgroups cgroups,
    OwedRecords owed,
    PodFiles files,
    RunSandbox run,
    NriPlugins plugins,
    ILogger<RemoveSandbox> logger)
{
    private readonly OperationJoiner<bool> _joiner = new(keepsResults: false);

    /// <summary>Fine when the pod does not exist. When the caller gives up, the work goes on.</summary>
    public Task ExecuteAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        state.Pods.Find(idOrPrefix) is { } pod
            ? _joiner.RunAsync(pod.Id, "", () => RemoveAsync(pod), cancellationToken)
            : Task.CompletedTask;

    private async Task<bool> RemoveAsync(PodSandbox pod)
    {
        Spans.Tag("sandbox.id", pod.Id);
        await stop.ExecuteAsync(pod.Id, CancellationToken.None).ConfigureAwait(false);
        using (await state.PodLocks.AcquireAsync(pod.Id, CancellationToken.None).ConfigureAwait(false))
        {
            if (state.Pods.TryTransition(pod.Id, SandboxTransitions.Removing) is null)
                return true;
        }

        await Task.WhenAll(state.ContainersOf(pod.Id).Select(c => removeContainer.ExecuteAsync(c.Id, CancellationToken.None)))
            .ConfigureAwait(false);
        await EndMonitorAsync(pod.Id).ConfigureAwait(false);
        files.Delete(pod.Id);
        if (pod.OwnsCgroup)
            await cgroups.DeleteAsync(pod.CgroupPath, CancellationToken.None).ConfigureAwait(false);
        owed.Delete(pod.Id);
        using (PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false))
        {
            await plugins.InformAsync(turn, Event.RemovePodSandbox, pod).ConfigureAwait(false);
            state.Pods.Remove(pod.Id);
        }

        run.Forget(pod);
        SandboxLog.Removed(logger, pod.Id);
        return true;
    }

    private async Task EndMonitorAsync(string podId)
    {
        if (monitors.Find(podId) is not { } monitor)
        {
            await monitors.ForgetAsync(podId).ConfigureAwait(false);
            SharedPidNamespace.End(state.Directories.Namespace(podId, "pid"));
            return;
        }

        monitors.Take(podId);
        try
        {
            await monitor.ShutdownAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch when (!monitor.Exited.IsCompleted)
        {
            monitors.Add(podId, monitor); // it lives and refuses: the next try asks again
            throw;
        }

        await monitor.DisposeAsync().ConfigureAwait(false);
    }
}
