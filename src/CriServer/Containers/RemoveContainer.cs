using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Containers;

/// <summary>RemoveContainer: kills the container if it lives, and leaves nothing of it but its log. Idempotent.</summary>
public sealed class RemoveContainer(
    RuntimeState state,
    KillContainer kill,
    MonitorRegistry monitors,
    IContainerCgroups cgroups,
    NodeClasses classes,
    IContainerImages images,
    ContainerSpecs specs,
    BinaryContainers binaries,
    HookBundle bundles,
    LaterHooks hooks,
    CreateContainer create,
    NriPlugins plugins,
    ContainerEnds ends,
    ILogger<RemoveContainer> logger)
{
    private readonly OperationJoiner<bool> _joiner = new(keepsResults: false);

    /// <summary>Fine when the container does not exist. When the caller gives up, the work goes on.</summary>
    public Task ExecuteAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        state.Containers.Find(idOrPrefix) is { } container
            ? _joiner.RunAsync(container.Id, "", () => RemoveAsync(container.Id), cancellationToken)
            : Task.CompletedTask;

    private async Task<bool> RemoveAsync(string id)
    {
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, CancellationToken.None).ConfigureAwait(false);
        if (!state.Containers.Current.TryGetValue(id, out Container? container))
            return true;
        Spans.Tag("container.id", id);
        if (container.IsAlive)
            await kill.ExecuteAsync(container, CancellationToken.None).ConfigureAwait(false);
        container = state.Containers.Transition(id, ContainerTransitions.Removing);
        if (monitors.Find(container.SandboxId) is { } monitor)
            await monitor.DeleteContainerAsync(id, CancellationToken.None).ConfigureAwait(false);
        await binaries.DeleteAsync(container).ConfigureAwait(false);
        await cgroups.DeleteAsync(container.CgroupPath, CancellationToken.None).ConfigureAwait(false);
        classes.RemoveOwn(container);
        await Spans.RunAsync("container.snapshot.remove", _ => images.RemoveSnapshotAsync(id, CancellationToken.None)).ConfigureAwait(false);
        await hooks.PoststopAsync(container).ConfigureAwait(false);
        await ends.ToldAsync(id).ConfigureAwait(false);
        using (PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false))
        {
            await plugins.InformAsync(turn, Event.RemoveContainer, container).ConfigureAwait(false);
            DeleteFiles(container);
            state.Containers.Remove(id);
        }

        create.Forget(container);
        ContainerLog.Removed(logger, id);
        return true;
    }

    private void DeleteFiles(Container container)
    {
        bundles.Remove(container); // before the spec, which a repetition would look for hooks in
        specs.Forget(container);
        if (container.RestoredFrom is { } checkpoint)
            CheckpointDirectories.Remove(checkpoint);
        foreach (string path in (string[])[
            state.Directories.ExitRecord(container.SandboxId, container.Id),
            state.Directories.ContainerFile(container.SandboxId, container.Id)])
        {
            if (File.Exists(path))
                File.Delete(path);
        }
    }
}
