using System.Collections.Concurrent;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Nri;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>
/// Tells plugins of each container's end once, whatever ended it: from the change of its state. Verbs that come behind it in the plugins' order
/// wait for that. Watches only from <see cref="Watch"/> on.
/// </summary>
public sealed class ContainerEnds(RuntimeState state, NriPlugins plugins, ILogger<ContainerEnds> logger)
{
    private readonly ConcurrentDictionary<string, Task> _telling = new();

    public void Watch() => state.Containers.Changed += OnChanged;

    /// <summary>Returns when plugins know of the container's end, if it has ended.</summary>
    public Task ToldAsync(string containerId) => _telling.TryGetValue(containerId, out Task? telling) ? telling : Task.CompletedTask;

    /// <summary>As <see cref="ToldAsync"/>, for all containers of a pod.</summary>
    public Task AllToldAsync(string podId) => _telling.IsEmpty ? Task.CompletedTask : Task.WhenAll(state.ContainersOf(podId).Select(c => ToldAsync(c.Id)));

    // Called with a lock of the state held.
    private void OnChanged(Container? old, Container? changed)
    {
        if (old is { IsAlive: true } && changed is { Phase: ContainerPhase.Exited } && !plugins.IsQuiet)
            _telling[changed.Id] = Task.Run(() => TellAsync(changed));
        else if (changed is null && old is not null)
            _telling.TryRemove(old.Id, out _);
    }

    private async Task TellAsync(Container container)
    {
        try
        {
            IReadOnlyList<Api.ContainerUpdate> updates = await plugins.StopContainerAsync(container).ConfigureAwait(false);
            if (updates.Count > 0)
                _ = UpdateOthersAsync(container, updates);
        }
        catch (Exception e) when (e is NriException or CriException)
        {
            NriPluginLog.NotDelivered(logger, "StopContainer", container.Id, e.Message);
        }
    }

    private async Task UpdateOthersAsync(Container container, IReadOnlyList<Api.ContainerUpdate> updates)
    {
        try
        {
            await plugins.ApplyAsync(updates, []).ConfigureAwait(false);
        }
        catch (NriException e)
        {
            NriPluginLog.NotDelivered(logger, "StopContainer", container.Id, e.Message);
        }
    }
}
