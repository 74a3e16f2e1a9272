using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>Takes back a pod whose creation came to nothing, or that the daemon did not live to finish, or of which only a directory is left.</summary>
public sealed class UndoSandbox(
    RuntimeState state,
    IMonitorLauncher launcher,
    OwedDetachments detachments,
    OwedRecords owed,
    PodFiles files,
    IContainerCgroups cgroups,
    ILogger<UndoSandbox> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="pod">In phase Creating.</param>
    public async Task ExecuteAsync(PodSandbox pod, CancellationToken cancellationToken)
    {
        bool detached = !pod.NetworkAttached
            || await detachments.TryDetachAsync(pod, state.Directories.Namespace(pod.Id, "net"), cancellationToken).ConfigureAwait(false);
        await EndMonitorAsync(pod.Id, cancellationToken).ConfigureAwait(false);
        files.Delete(pod.Id);
        if (pod.OwnsCgroup)
            await cgroups.DeleteAsync(pod.CgroupPath, cancellationToken).ConfigureAwait(false);
        if (detached)
            owed.Delete(pod.Id);
    }

    /// <summary>A directory without a readable pod: its monitor and what it runs end. An owed CNI DEL is on record elsewhere.</summary>
    public async Task OrphanAsync(string podId, CancellationToken cancellationToken)
    {
        await EndMonitorAsync(podId, cancellationToken).ConfigureAwait(false);
        files.Delete(podId);
        // Where the pod's own cgroup would be; one below the kubelet's is the kubelet's to remove.
        string cgroup = CgroupParent.Resolve("", state.Settings.DefaultCgroupParent, podId, state.Settings.CgroupDriver).Path;
        await cgroups.KillAllAsync(cgroup, cancellationToken).ConfigureAwait(false);
        await cgroups.DeleteAsync(cgroup, cancellationToken).ConfigureAwait(false);
    }

    private async Task EndMonitorAsync(string podId, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        IMonitor monitor;
        try
        {
            monitor = await launcher.AdoptAsync(state.Directories.Pod(podId), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            RecoveryLog.NotAdopted(logger, podId, e.Message);
            SharedPidNamespace.End(state.Directories.Namespace(podId, "pid"));
            return;
        }

        await using (monitor.ConfigureAwait(false))
        {
            foreach (WatchedContainer container in await monitor.ListContainersAsync(limit.Token).ConfigureAwait(false))
                await monitor.DeleteContainerAsync(container.Id, limit.Token).ConfigureAwait(false);
            await monitor.ShutdownAsync(limit.Token).ConfigureAwait(false);
        }
    }
}
