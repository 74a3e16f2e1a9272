using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>
/// StopPodSandbox: kills what runs, gives the network back, and leaves the pod NotReady. Idempotent; a second request joins
/// the first. The monitor stays until the pod is removed.
/// </summary>
public sealed class StopSandbox(
    RuntimeState state, KillContainer kill, IPodNetwork network, PodFiles files, NriPlugins plugins, ContainerEnds ends,
    ILogger<StopSandbox> logger)
{
    private readonly OperationJoiner<bool> _joiner = new(keepsResults: false);

    /// <summary>Fine when the pod does not exist. When the caller gives up, the work goes on.</summary>
    public Task ExecuteAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        state.Pods.Find(idOrPrefix) is { } pod
            ? _joiner.RunAsync(pod.Id, "", () => StopAsync(pod.Id), cancellationToken)
            : Task.CompletedTask;

    private async Task<bool> StopAsync(string podId)
    {
        Spans.Tag("sandbox.id", podId);
        PodSandbox? pod;
        using (await state.PodLocks.AcquireAsync(podId, CancellationToken.None).ConfigureAwait(false))
            pod = state.Pods.TryTransition(podId, SandboxTransitions.Stopping);
        if (pod is not { Phase: SandboxPhase.Stopping })
            return true;
        await Task.WhenAll(state.ContainersOf(podId).Where(c => c.IsAlive).Select(c => kill.ExecuteAsync(c, CancellationToken.None)))
            .ConfigureAwait(false);
        await ends.AllToldAsync(podId).ConfigureAwait(false);
        using (PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false))
            await plugins.InformAsync(turn, Event.StopPodSandbox, pod).ConfigureAwait(false);
        if (pod.NetworkAttached)
        {
            await Spans.RunAsync("network.detach", _ => network.DetachAsync(pod, state.Directories.Namespace(podId, "net"), CancellationToken.None))
                .ConfigureAwait(false);
            state.Pods.TryTransition(podId, SandboxTransitions.Detached);
        }

        files.UnmountShm(podId);
        state.Pods.TryTransition(podId, SandboxTransitions.Stopped);
        SandboxLog.Stopped(logger, podId);
        return true;
    }
}
