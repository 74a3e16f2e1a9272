using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri;
using CriRuntime.Nri.Merging;
using CriRuntime.Nri.Plugins;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>
/// What the verbs tell NRI plugins and ask them. A verb that plugins have a say in, or that makes or removes something, does it within a turn
/// (<see cref="EnterAsync"/>), so that a plugin that joins meanwhile learns of it once. Without plugins a turn is empty and nothing is described.
/// A turn is taken after the container's lock and before the pod's.
/// </summary>
public sealed class NriPlugins(RuntimeState state, ContainerSpecs specs, NodeFacts node, CdiDevices cdi, NodeClasses classes, ILogger<NriPlugins> logger)
{
    private PluginHost? _host;
    private INriRuntime? _runtime;

    /// <summary>From now on there may be plugins.</summary>
    public void Attach(PluginHost host, INriRuntime runtime) => (_runtime, _host) = (runtime, host);

    /// <summary>Nobody needs to be told of what is published by now.</summary>
    public bool IsQuiet => _host is not { IsQuiet: false };

    public ValueTask<PluginTurn> EnterAsync() => _host is { } host ? host.EnterAsync() : default;

    /// <summary>Tells of a pod.</summary>
    /// <exception cref="NriException">A plugin refuses.</exception>
    public Task TellAsync(PluginTurn turn, Api.Event happening, PodSandbox pod) =>
        turn.IsEmpty ? Task.CompletedTask : turn.NotifyAsync(happening, PodMessages.Describe(pod, state.Directories));

    /// <summary>Tells of a container.</summary>
    /// <inheritdoc cref="TellAsync(PluginTurn, Api.Event, PodSandbox)"/>
    public Task TellAsync(PluginTurn turn, Api.Event happening, Container container) =>
        turn.IsEmpty || PodOf(container) is not { } pod
            ? Task.CompletedTask
            : turn.NotifyAsync(happening, pod, ContainerMessages.Describe(container, specs.Get(container)));

    /// <summary>As <see cref="TellAsync(PluginTurn, Api.Event, PodSandbox)"/>, of what no plugin can stop any more.</summary>
    public Task InformAsync(PluginTurn turn, Api.Event happening, PodSandbox pod) =>
        turn.IsEmpty ? Task.CompletedTask : LogRefusalAsync(() => TellAsync(turn, happening, pod), happening, pod.Id);

    /// <inheritdoc cref="InformAsync(PluginTurn, Api.Event, PodSandbox)"/>
    public Task InformAsync(PluginTurn turn, Api.Event happening, Container container) =>
        turn.IsEmpty ? Task.CompletedTask : LogRefusalAsync(() => TellAsync(turn, happening, container), happening, container.Id);

    /// <exception cref="NriException">A plugin refuses.</exception>
    public Task UpdatePodAsync(PluginTurn turn, PodSandbox pod, ContainerResources? overhead, ContainerResources? resources) => turn.IsEmpty
        ? Task.CompletedTask
        : turn.UpdatePodSandboxAsync(
            PodMessages.Describe(pod, state.Directories),
            ResourceMessages.Describe(overhead ?? new ContainerResources()), ResourceMessages.Describe(resources ?? new ContainerResources()));

    /// <summary>The container and its spec as the plugins want them; their updates of other containers are made, and their evictions begun.</summary>
    /// <exception cref="NriException">Plugins refuse, contradict each other, or are overruled by a validator.</exception>
    /// <exception cref="CriException">What they want can't be done.</exception>
    public async Task<(Container Container, Spec Spec)> CreateContainerAsync(PluginTurn turn, PodSandbox pod, Container container, Spec spec)
    {
        if (turn.IsEmpty)
            return (container, spec);
        ContainerDecision decision = await turn.CreateContainerAsync(
            PodMessages.Describe(pod, state.Directories), ContainerMessages.Describe(container, spec)).ConfigureAwait(false);
        await ApplyAsync(decision.Updates, decision.Evictions).ConfigureAwait(false);
        return ContainerAdjustments.Apply(container, spec, decision.Adjustment, node, classes, cdi.Inject);
    }

    /// <summary>Tells plugins that a pod they may have been told of has not come to be.</summary>
    public async Task DisavowAsync(PodSandbox pod)
    {
        using PluginTurn turn = await EnterAsync().ConfigureAwait(false);
        await InformAsync(turn, Api.Event.StopPodSandbox, pod).ConfigureAwait(false);
        await InformAsync(turn, Api.Event.RemovePodSandbox, pod).ConfigureAwait(false);
    }

    /// <summary>Tells plugins that a container they were asked about has not come to be.</summary>
    public async Task DisavowAsync(PodSandbox pod, Container container, Spec spec)
    {
        using PluginTurn turn = await EnterAsync().ConfigureAwait(false);
        if (turn.IsEmpty)
            return;
        Api.PodSandbox described = PodMessages.Describe(pod, state.Directories);
        Api.Container message = ContainerMessages.Describe(container, spec);
        message.State = Api.ContainerState.ContainerStopped;
        await LogRefusalAsync(() => turn.StopContainerAsync(described, message), Api.Event.StopContainer, container.Id).ConfigureAwait(false);
        await LogRefusalAsync(() => turn.NotifyAsync(Api.Event.RemoveContainer, described, message), Api.Event.RemoveContainer, container.Id)
            .ConfigureAwait(false);
    }

    /// <summary>What the plugins make of a request; null: they have nothing to say.</summary>
    /// <exception cref="NriException">Plugins refuse, or contradict each other.</exception>
    public async Task<UpdateDecision?> UpdateContainerAsync(PluginTurn turn, Container container, ContainerResources requested)
    {
        if (turn.IsEmpty || PodOf(container) is not { } pod)
            return null;
        return await turn.UpdateContainerAsync(
            pod, ContainerMessages.Describe(container, specs.Get(container)), ResourceMessages.Describe(requested)).ConfigureAwait(false);
    }

    /// <summary>Makes updates of containers that plugins have asked for in an answer. No lock may be held but that of a container that is being made.</summary>
    /// <exception cref="NriException">One that may not be ignored failed.</exception>
    public async Task ApplyAsync(IReadOnlyList<Api.ContainerUpdate> updates, IReadOnlyList<Api.ContainerEviction> evictions)
    {
        if (_runtime is not { } runtime)
            return;
        if (evictions.Count > 0)
            await runtime.EvictAsync("in a response", evictions, CancellationToken.None).ConfigureAwait(false);
        if (updates.Count == 0)
            return;
        IReadOnlyList<Api.ContainerUpdate> failed = await runtime.UpdateAsync("in a response", updates, CancellationToken.None).ConfigureAwait(false);
        if (failed.Count > 0)
            throw new NriException($"NRI plugins ask for updates that failed, of container {failed[0].ContainerId}; the log has the reason");
    }

    /// <summary>Asks the plugins what they want now that the container has stopped.</summary>
    /// <returns>Updates of others.</returns>
    internal async Task<IReadOnlyList<Api.ContainerUpdate>> StopContainerAsync(Container container)
    {
        using PluginTurn turn = await EnterAsync().ConfigureAwait(false);
        return turn.IsEmpty || PodOf(container) is not { } pod
            ? []
            : await turn.StopContainerAsync(pod, ContainerMessages.Describe(container, specs.Get(container))).ConfigureAwait(false);
    }

    private Api.PodSandbox? PodOf(Container container) =>
        state.Pods.Current.GetValueOrDefault(container.SandboxId) is { } pod ? PodMessages.Describe(pod, state.Directories) : null;

    private async Task LogRefusalAsync(Func<Task> tell, Api.Event happening, string id)
    {
        try
        {
            await tell().ConfigureAwait(false);
        }
        catch (Exception e) when (e is NriException or CriException)
        {
            NriPluginLog.NotDelivered(logger, happening.ToString(), id, e.Message);
        }
    }
}
