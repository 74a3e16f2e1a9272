using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Nri.Plugins;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>What plugins may ask of the daemon.</summary>
public sealed class NriRuntime(RuntimeState state, ContainerSpecs specs, UpdateContainer update, StopContainer stop, ILogger<NriRuntime> logger) : INriRuntime
{
    /// <summary>For the locks of the containers. Whoever holds one may be waiting for the plugins.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public (IReadOnlyList<Api.PodSandbox> Pods, IReadOnlyList<Api.Container> Containers) Describe()
    {
        List<Api.PodSandbox> pods = [];
        foreach (PodSandbox pod in state.Pods.Current.Values)
        {
            if (pod.Phase != SandboxPhase.Creating && !pod.FromLastBoot)
                pods.Add(PodMessages.Describe(pod, state.Directories));
        }

        List<Api.Container> containers = [];
        foreach (Container container in state.Containers.Current.Values)
        {
            if (container.Phase != ContainerPhase.Creating && TrySpec(container) is { } spec)
                containers.Add(ContainerMessages.Describe(container, spec));
        }

        return (pods, containers);
    }

    public async Task<IReadOnlyList<Api.ContainerUpdate>> UpdateAsync(
        string plugin, IReadOnlyList<Api.ContainerUpdate> updates, CancellationToken cancellationToken)
    {
        List<Api.ContainerUpdate> failed = [];
        foreach (Api.ContainerUpdate wanted in updates)
        {
            string? reason = await TryUpdateAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (reason is null)
                continue;
            NriPluginLog.NotUpdated(logger, plugin, wanted.ContainerId, reason);
            if (!wanted.IgnoreFailure)
                failed.Add(wanted);
        }

        return failed;
    }

    public async Task EvictAsync(string plugin, IReadOnlyList<Api.ContainerEviction> evictions, CancellationToken cancellationToken)
    {
        foreach (Api.ContainerEviction eviction in evictions)
        {
            NriPluginLog.Evicting(logger, plugin, eviction.ContainerId, eviction.Reason);
            try
            {
                await stop.ExecuteAsync(eviction.ContainerId, 0, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is CriException or IOException)
            {
                NriPluginLog.NotEvicted(logger, plugin, eviction.ContainerId, e.Message);
            }
        }
    }

    /// <returns>Why not.</returns>
    private async Task<string?> TryUpdateAsync(Api.ContainerUpdate wanted, CancellationToken cancellationToken)
    {
        if (wanted.Linux?.Resources is not { } resources)
            return null;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            await update.ApplyAsync(wanted.ContainerId, WantedResources.Read(resources), limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return "others are at work on it";
        }
        catch (Exception e) when (e is CriException or LinuxException or CgroupException or SpecException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>A container whose spec is lost can't be described; its operations say so.</summary>
    private Spec? TrySpec(Container container)
    {
        try
        {
            return specs.Get(container);
        }
        catch (CriException e)
        {
            NriPluginLog.NotDelivered(logger, "Synchronize", container.Id, e.Message);
            return null;
        }
    }
}
