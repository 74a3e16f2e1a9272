using CriRuntime.Nri.Api;
using CriRuntime.Nri.Merging;
using Google.Protobuf;

namespace CriRuntime.Nri.Plugins;

/// <summary>The plugins that have a say in one piece of work, asked one after another by index. To be disposed once, when the outcome is published.</summary>
public readonly struct PluginTurn : IDisposable
{
    private readonly PluginHost? _host;
    private readonly Plugin[] _plugins;

    internal PluginTurn(PluginHost host, Plugin[] plugins)
    {
        _host = host;
        _plugins = plugins;
    }

    /// <summary>Nobody has a say: no message need be made.</summary>
    public bool IsEmpty => _plugins is not { Length: > 0 } && _host?.Validator is null;

    /// <summary>Tells of a pod.</summary>
    /// <exception cref="NriException">A plugin refuses; those behind it are not told.</exception>
    public Task NotifyAsync(Event happening, PodSandbox pod) => TellAsync(happening, new PodEvent { Pod = pod });

    /// <summary>Tells of a container.</summary>
    /// <inheritdoc cref="NotifyAsync(Event, PodSandbox)"/>
    public Task NotifyAsync(Event happening, PodSandbox pod, Container container) =>
        TellAsync(happening, new ContainerEvent { Pod = pod, Container = container });

    /// <inheritdoc cref="NotifyAsync(Event, PodSandbox)"/>
    public Task UpdatePodSandboxAsync(PodSandbox pod, LinuxResources overhead, LinuxResources resources) =>
        TellAsync(Event.UpdatePodSandbox, new UpdatePodSandboxRequest { Pod = pod, OverheadLinuxResources = overhead, LinuxResources = resources });

    /// <summary>What the plugins together want of a container that is being made.</summary>
    /// <exception cref="NriException">A plugin refuses, two contradict each other, or a validator rejects the outcome.</exception>
    public async Task<ContainerDecision> CreateContainerAsync(PodSandbox pod, Container container)
    {
        bool validated = _host?.Validator is not null || Array.Exists(_plugins, plugin => plugin.Validates);
        Container? pristine = validated ? container.Clone() : null;
        AdjustmentMerge merge = new(container);
        foreach (Plugin plugin in _plugins)
        {
            ContainerEvent request = new() { Pod = pod, Container = merge.Container };
            if (await plugin.CallAsync(Event.CreateContainer, request, CreateContainerResponse.Parser).ConfigureAwait(false) is { } answer)
                merge.Apply(plugin.Name, answer);
        }

        ContainerDecision decision = merge.Decision;
        if (pristine is not null)
            await ValidateAsync(pod, pristine, decision).ConfigureAwait(false);
        return decision;
    }

    /// <summary>What the plugins make of an update: the container's resources, and changes of others.</summary>
    /// <inheritdoc cref="CreateContainerAsync"/>
    public async Task<UpdateDecision> UpdateContainerAsync(PodSandbox pod, Container container, LinuxResources resources)
    {
        UpdateMerge merge = new(new FieldOwnership(), container.Id, resources);
        List<ContainerEviction> evictions = [];
        foreach (Plugin plugin in _plugins)
        {
            UpdateContainerRequest request = new() { Pod = pod, Container = container, LinuxResources = merge.Own };
            if (await plugin.CallAsync(Event.UpdateContainer, request, UpdateContainerResponse.Parser).ConfigureAwait(false) is not { } answer)
                continue;
            merge.Apply(plugin.Name, answer.Update);
            evictions.AddRange(answer.Evict);
        }

        return new UpdateDecision(merge.Own!, merge.Others, evictions);
    }

    /// <summary>What the plugins want of other containers now that this one has stopped.</summary>
    /// <inheritdoc cref="CreateContainerAsync"/>
    public async Task<IReadOnlyList<ContainerUpdate>> StopContainerAsync(PodSandbox pod, Container container)
    {
        UpdateMerge merge = new(new FieldOwnership());
        ContainerEvent request = new() { Pod = pod, Container = container };
        foreach (Plugin plugin in _plugins)
        {
            if (await plugin.CallAsync(Event.StopContainer, request, StopContainerResponse.Parser).ConfigureAwait(false) is { } answer)
                merge.Apply(plugin.Name, answer.Update);
        }

        return merge.Others;
    }

    public void Dispose() => _host?.Leave();

    private async Task TellAsync(Event happening, IMessage request)
    {
        foreach (Plugin plugin in _plugins)
            await plugin.CallAsync(happening, request, Empty.Parser).ConfigureAwait(false);
    }

    /// <summary>A validator that does not answer has not agreed: the container is not made.</summary>
    private async Task ValidateAsync(PodSandbox pod, Container pristine, ContainerDecision decision)
    {
        ValidateContainerAdjustmentRequest request = new() { Pod = pod, Container = pristine, Adjust = decision.Adjustment, Owners = decision.Owners };
        request.Update.Add(decision.Updates);
        foreach (Plugin plugin in _plugins)
            request.Plugins.Add(new PluginInstance { Name = plugin.Identity.BaseName, Index = plugin.Identity.Index });
        _host?.Validator?.Check(request);
        foreach (Plugin plugin in _plugins)
        {
            if (!plugin.Validates || plugin.IsClosed)
                continue;
            ValidateContainerAdjustmentResponse? verdict = await plugin.CallAsync(
                Event.ValidateContainerAdjustment, request, ValidateContainerAdjustmentResponse.Parser).ConfigureAwait(false);
            if (verdict is null && plugin.IsClosed)
                throw new NriException($"NRI validator {plugin.Name} is gone without a verdict");
            if (verdict is { Reject: true })
                throw new NriException($"NRI validator {plugin.Name} rejects the container: {(verdict.Reason.Length > 0 ? verdict.Reason : "it gives no reason")}");
        }
    }
}
