using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>Takes back a container whose creation came to nothing, or that the daemon did not live to finish.</summary>
public sealed class UndoContainer(RuntimeState state, IContainerImages images, IContainerCgroups cgroups, NodeClasses classes, ContainerSpecs specs, BinaryContainers binaries, HookBundle bundles, LaterHooks hooks)
{
    /// <param name="container">In phase Creating.</param>
    /// <param name="monitor">Null when the pod has none any more.</param>
    public async Task ExecuteAsync(Container container, IMonitor? monitor, CancellationToken cancellationToken)
    {
        if (monitor is not null)
        {
            await monitor.DeleteContainerAsync(container.Id, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await cgroups.KillAllAsync(container.CgroupPath, cancellationToken).ConfigureAwait(false);
        }

        await binaries.DeleteAsync(container).ConfigureAwait(false);
        await cgroups.DeleteAsync(container.CgroupPath, cancellationToken).ConfigureAwait(false);
        classes.RemoveOwn(container);
        await images.RemoveSnapshotAsync(container.Id, cancellationToken).ConfigureAwait(false);
        await hooks.PoststopAsync(container).ConfigureAwait(false);
        bundles.Remove(container); // before the spec, which a repetition would look for hooks in
        specs.Forget(container);
        if (container.RestoredFrom is { } checkpoint)
            CheckpointDirectories.Remove(checkpoint);
        string record = state.Directories.ContainerFile(container.SandboxId, container.Id);
        if (File.Exists(record)) // the pod's directory may be gone with it
            File.Delete(record);
        state.Containers.Remove(container.Id);
    }
}
