using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>
/// RunPodSandbox. The order matters, for the daemon may die between any two steps, and the next one undoes what it finds:
/// name reserved → intent on disk → monitor and namespaces, with the owed CNI DEL being synced and the files made
/// meanwhile → CNI ADD → NRI plugins → Ready.
/// </summary>
public sealed class RunSandbox(
    RuntimeState state,
    IMonitorLauncher launcher,
    MonitorEvents events,
    MonitorRegistry monitors,
    IContainerPlanner planner,
    IPodNetwork network,
    OwedRecords owed,
    OwedDetachments detachments,
    IContainerCgroups cgroups,
    PodFiles files,
    RuntimeHandlers handlers,
    Selinux selinux,
    NriPlugins plugins,
    Rollback rollback,
    ILogger<RunSandbox> logger)
{
    private readonly OperationJoiner<string> _joiner = new(keepsResults: true);

    /// <summary>Makes a pod, or joins the request that is making it. When the caller gives up, the work goes on and the retry finds it.</summary>
    /// <returns>The pod's id.</returns>
    public Task<string> ExecuteAsync(PodSandboxConfig config, string runtimeHandler, CancellationToken cancellationToken)
    {
        SandboxValidation.Check(config, runtimeHandler, state.Settings);
        string fingerprint = FingerprintOf(config, runtimeHandler);
        return _joiner.RunAsync(config.Metadata.Key, fingerprint, () => CreateAsync(config, runtimeHandler), cancellationToken);
    }

    /// <summary>The pod is gone: a result kept for a retry names nothing any more.</summary>
    public void Forget(PodSandbox pod) => _joiner.Forget(pod.Config.Metadata.Key);

    private async Task<string> CreateAsync(PodSandboxConfig config, string runtimeHandler)
    {
        RuntimeHandler runtime = handlers.Resolve(runtimeHandler);
        await handlers.EnsureAsync(runtime, config.Namespaces).ConfigureAwait(false);
        if (state.PodNamed(config.Metadata) is { } holder)
            return IsRetryAcrossRestart(holder, config, runtimeHandler) ? holder.Id : throw SandboxValidation.Taken(holder);
        using Selinux.PodClaim? claim = selinux.Claim(config);
        PodSandbox pod = Describe(config, runtimeHandler) with { Runtime = runtime, Selinux = claim?.Labels };
        Spans.Tag("sandbox.id", pod.Id);
        Spans.Tag("k8s.pod.name", config.Metadata.Name);
        Spans.Tag("k8s.namespace.name", config.Metadata.Namespace);
        UndoStack undo = new();
        using CancellationTokenSource limit = new(state.Settings.SandboxLimit);
        try
        {
            files.CreateDirectories(pod.Id);
            undo.Push("delete the pod's files", () => files.Delete(pod.Id));
            state.Pods.Add(pod);
            undo.Push("forget the pod", () => state.Pods.Remove(pod.Id));
            await PrepareAsync(pod, undo, limit.Token).ConfigureAwait(false);
            PodNetworkStatus status = await AttachAsync(pod, undo, limit.Token).ConfigureAwait(false);
            await PublishAsync(pod, status, undo).ConfigureAwait(false);
            undo.Commit();
            SandboxLog.Ready(logger, pod.Id, config.Metadata.Namespace, config.Metadata.Name);
            return pod.Id;
        }
        catch (Exception e)
        {
            SandboxLog.NotCreated(logger, pod.Id, config.Metadata.Namespace, config.Metadata.Name, e.Message);
            await rollback.RunAsync(pod, undo).ConfigureAwait(false);
            if (e is OperationCanceledException && limit.IsCancellationRequested)
                throw new CriException(CriErrorKind.DeadlineExceeded, $"{pod} was not ready within {state.Settings.SandboxLimit}", e);
            throw;
        }
    }

    /// <summary>The daemon that made the pod was killed, perhaps before the caller had its answer.</summary>
    private static bool IsRetryAcrossRestart(PodSandbox holder, PodSandboxConfig config, string runtimeHandler) =>
        holder is { Inherited: true, IsReady: true }
        && FingerprintOf(holder.Config, holder.RuntimeHandler) == FingerprintOf(config, runtimeHandler);

    private static string FingerprintOf(PodSandboxConfig config, string runtimeHandler) =>
        Fingerprint.Of(StateJson.Write(config), System.Text.Encoding.UTF8.GetBytes(runtimeHandler));

    private PodSandbox Describe(PodSandboxConfig config, string runtimeHandler)
    {
        string id = ObjectId.New();
        (string cgroup, bool owned) = CgroupParent.Resolve(config.CgroupParent, state.Settings.DefaultCgroupParent, id, state.Settings.CgroupDriver);
        bool hostNetwork = config.Namespaces.Network == NamespaceMode.Node;
        return new PodSandbox
        {
            Id = id,
            Config = config,
            RuntimeHandler = runtimeHandler,
            CreatedAt = state.Now(),
            CgroupPath = cgroup,
            OwnsCgroup = owned,
            Hostname = hostNetwork ? NodeName() : config.Hostname.Length > 0 ? config.Hostname : id[..12],
        };
    }

    /// <summary>With host networking the pod shares the node's UTS namespace, and so its name.</summary>
    private static string NodeName() => File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private async Task PrepareAsync(PodSandbox pod, UndoStack undo, CancellationToken cancellationToken)
    {
        Task debtRecorded = Spans.RunAsync("network.record", _ => Task.Run(() => owed.Write(pod), CancellationToken.None));
        undo.Push("delete the record of the CNI DEL", async _ =>
        {
            await debtRecorded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (state.Pods.Current.GetValueOrDefault(pod.Id) is not { NetworkAttached: true })
                owed.Delete(pod.Id);
        });
        if (pod.OwnsCgroup)
            undo.Push("remove the pod's cgroup", ct => cgroups.DeleteAsync(pod.CgroupPath, ct));
        Task cgroupMade = Spans.RunAsync(
            "pod.cgroup", _ => cgroups.PreparePodAsync(pod.CgroupPath, $"pod sandbox {pod.Id} ({pod.Config.Metadata})", cancellationToken));
        Task<IMonitor> launching = Spans.RunAsync("monitor.launch", _ => launcher.LaunchAsync(pod.Id, state.Directories.Pod(pod.Id), cancellationToken));
        undo.Push("shut the monitor down", ct => ShutDownAsync(pod.Id, launching, ct));
        undo.Push("unmount the pod's shared memory", () => files.UnmountShm(pod.Id));
        files.WriteFiles(pod);
        files.MountShm(pod);
        IMonitor monitor = await launching.ConfigureAwait(false);
        events.Watch(pod.Id, monitor);
        await monitor.CreateSandboxAsync(planner.PlanSandbox(PlanInput(pod)), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(debtRecorded, cgroupMade).ConfigureAwait(false);
    }

    private SandboxPlanInput PlanInput(PodSandbox pod)
    {
        NamespaceOptions namespaces = pod.Config.Namespaces;
        return new SandboxPlanInput(
            pod.Id,
            state.Directories.Namespaces(pod.Id),
            NewNetwork: !pod.HostNetwork,
            NewIpc: namespaces.Ipc == NamespaceMode.Pod,
            NewUts: !pod.HostNetwork,
            SharedPid: namespaces.Pid == NamespaceMode.Pod,
            Hostname: pod.HostNetwork ? "" : pod.Hostname,
            pod.Config.Sysctls,
            namespaces.OwnUserNamespace,
            pod.Selinux?.Files)
        {
            Timed = Spans.Recording,
        };
    }

    private async Task<PodNetworkStatus> AttachAsync(PodSandbox pod, UndoStack undo, CancellationToken cancellationToken)
    {
        if (pod.HostNetwork)
            return PodNetworkStatus.None;
        string netns = state.Directories.Namespace(pod.Id, "net");
        state.Pods.Transition(pod.Id, SandboxTransitions.AttachIntended);
        undo.Push("detach the pod from the network", async ct =>
        {
            if (await detachments.TryDetachAsync(pod, netns, ct).ConfigureAwait(false))
                state.Pods.TryTransition(pod.Id, SandboxTransitions.Detached);
        });
        return await Spans.RunAsync("network.attach", _ => network.AttachAsync(pod, netns, cancellationToken)).ConfigureAwait(false);
    }

    private async Task PublishAsync(PodSandbox pod, PodNetworkStatus status, UndoStack undo)
    {
        // One plugin may refuse what those before it have been told.
        undo.Push("tell NRI plugins that there is no pod", _ => plugins.DisavowAsync(pod with { Network = status }));
        using PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false);
        await plugins.TellAsync(turn, Event.RunPodSandbox, pod with { Network = status }).ConfigureAwait(false);
        state.Pods.Transition(pod.Id, p => SandboxTransitions.Ready(p, status));
    }

    private async Task ShutDownAsync(string podId, Task<IMonitor> launching, CancellationToken cancellationToken)
    {
        await ((Task)launching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!launching.IsCompletedSuccessfully)
            return;
        monitors.Take(podId);
        IMonitor monitor = await launching.ConfigureAwait(false);
        await using (monitor.ConfigureAwait(false))
        {
            if (!monitor.Exited.IsCompleted)
                await monitor.ShutdownAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
