using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>
/// UpdatePodSandboxResources: the pod's configuration gets other resources and overhead, and keeps them. No cgroup is touched: the CRI
/// sends this after the kubelet has changed the pod's cgroup, for runtimes that size something by these numbers, and RunPodSandbox applies them neither.
/// </summary>
public sealed class UpdateSandbox(RuntimeState state, NriPlugins plugins, ILogger<UpdateSandbox> logger)
{
    /// <param name="overhead">Replaces the former one whole; null: it stays. So does <paramref name="resources"/>.</param>
    /// <exception cref="CriException">NotFound; InvalidArgument naming the field; FailedPrecondition unless the pod is Ready.</exception>
    public async Task ExecuteAsync(string idOrPrefix, ContainerResources? overhead, ContainerResources? resources, CancellationToken cancellationToken)
    {
        string id = state.Pods.Get(idOrPrefix).Id;
        ResourceRequest.Check("overhead", overhead ?? new ContainerResources());
        ResourceRequest.Check("resources", resources ?? new ContainerResources());
        using PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false);
        using IDisposable held = await state.PodLocks.AcquireAsync(id, cancellationToken).ConfigureAwait(false);
        await plugins.UpdatePodAsync(turn, SandboxTransitions.EnsureUpdatable(state.Pods.Get(id)), overhead, resources).ConfigureAwait(false);
        PodSandbox updated = state.Pods.Transition(id, pod => SandboxTransitions.Updated(pod, overhead, resources));
        await plugins.InformAsync(turn, Event.PostUpdatePodSandbox, updated).ConfigureAwait(false);
        SandboxLog.Updated(logger, id);
    }
}
