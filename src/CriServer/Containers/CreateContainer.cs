using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Nri.Plugins;
using CriRuntime.Oci.Specs;
using CriRuntime.Tracing;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// CreateContainer: name reserved → intent on disk → writable layer → spec → NRI plugins → the process, which stops just before exec
/// (<see cref="ContainerLaunch"/>) → Created.
/// </summary>
public sealed class CreateContainer(
    RuntimeState state,
    IContainerImages images,
    ContainerPreparation preparation,
    ContainerSpecs specs,
    ContainerLaunch launch,
    NriPlugins plugins,
    Rollback rollback,
    CheckpointSources checkpoints,
    ILogger<CreateContainer> logger)
{
    private readonly OperationJoiner<string> _joiner = new(keepsResults: true);

    /// <summary>Makes a container, or joins the request that is making it. When the caller gives up, the work goes on and the retry finds it.</summary>
    /// <returns>The container's id.</returns>
    public Task<string> ExecuteAsync(string podIdOrPrefix, ContainerConfig config, CancellationToken cancellationToken)
    {
        ContainerValidation.Check(config);
        PodSandbox pod = state.Pods.Get(podIdOrPrefix);
        UserNamespaceValidation.CheckContainer(pod.Config.Namespaces, config);
        string fingerprint = FingerprintOf(config);
        string key = Container.KeyOf(pod.Id, config.Metadata);
        return _joiner.RunAsync(key, fingerprint, () => CreateAsync(pod.Id, config), cancellationToken);
    }

    /// <summary>The container is gone: a result kept for a retry names nothing any more.</summary>
    public void Forget(Container container) => _joiner.Forget(container.Key);

    private async Task<string> CreateAsync(string podId, ContainerConfig config)
    {
        if (state.ContainerNamed(podId, config.Metadata) is { } former && IsRetryAcrossRestart(former, config))
            return former.Id;
        LsmContext lsm = await preparation.ConfineAsync(state.Pods.Get(podId), config).ConfigureAwait(false);
        string id = ObjectId.New();
        Checkpoint? checkpoint = await checkpoints.OpenAsync(config.Image, id).ConfigureAwait(false);
        try
        {
            return await CreateAsync(podId, id, config, checkpoint, lsm).ConfigureAwait(false);
        }
        catch when (checkpoint is not null)
        {
            CheckpointDirectories.Remove(checkpoint.Directory);
            throw;
        }
    }

    private async Task<string> CreateAsync(string podId, string id, ContainerConfig config, Checkpoint? checkpoint, LsmContext lsm)
    {
        ContainerImage image = checkpoint?.Image ?? images.Find(config.Image) ?? throw CriException.NotFound(
            $"image \"{TextLimits.Shorten(config.Image)}\" is not on this node; pull it first");
        SortedDictionary<string, ContainerImage> volumes = ImageVolumes.Find(config.Mounts, images);
        Spans.Tag("container.id", id);
        Spans.Tag("sandbox.id", podId);
        Spans.Tag("container.name", config.Metadata.Name);
        Spans.Tag("container.image.id", image.Id);
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, CancellationToken.None).ConfigureAwait(false);
        (PodSandbox pod, Container container) = await ReserveAsync(podId, id, config, image, volumes, checkpoint?.Directory).ConfigureAwait(false);
        UndoStack undo = new();
        undo.Push("forget the container", () => Forget(podId, id));
        try
        {
            await MakeAsync(pod, container, image, volumes, checkpoint, lsm, undo).ConfigureAwait(false);
            undo.Commit();
            ContainerLog.Created(logger, id, config.Metadata.Name, podId);
            return id;
        }
        catch (Exception e)
        {
            ContainerLog.NotCreated(logger, id, config.Metadata.Name, podId, e.Message);
            await rollback.RunAsync(container, undo).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The daemon that made the container was killed, perhaps before the caller had its answer. One that was started since had been answered.</summary>
    private static bool IsRetryAcrossRestart(Container holder, ContainerConfig config) =>
        holder is { Inherited: true, Phase: ContainerPhase.Created } && FingerprintOf(holder.Config) == FingerprintOf(config);

    private static string FingerprintOf(ContainerConfig config) => Fingerprint.Of(StateJson.Write(config));

    /// <summary>From here on the pod has the container: under the pod's lock, so that a pod being stopped gets no new ones.</summary>
    private async Task<(PodSandbox Pod, Container Container)> ReserveAsync(
        string podId, string id, ContainerConfig config, ContainerImage image, SortedDictionary<string, ContainerImage> volumes, string? restoredFrom)
    {
        using IDisposable held = await state.PodLocks.AcquireAsync(podId, CancellationToken.None).ConfigureAwait(false);
        PodSandbox pod = ReadyPod(podId);
        if (state.ContainerNamed(podId, config.Metadata) is { } holder)
        {
            throw CriException.AlreadyExists(
                $"container {holder.Id} has the name {config.Metadata.Name} and attempt {config.Metadata.Attempt} in {pod}; remove it first, or raise the attempt");
        }

        Container container = new()
        {
            Id = id,
            SandboxId = podId,
            Config = config,
            ImageId = image.Id,
            ImageRef = image.Ref,
            ImageVolumes = volumes.Count == 0 ? null : new(volumes.ToDictionary(v => v.Key, v => v.Value.Id), StringComparer.Ordinal),
            RestoredFrom = restoredFrom,
            CreatedAt = state.Now(),
            LogPath = LogPaths.Resolve(pod.Config.LogDirectory, config.LogPath),
            CgroupPath = CgroupParent.Container(pod.CgroupPath, id, state.Settings.CgroupDriver),
            StopSignal = StopSignals.Choose(config.StopSignal, image.StopSignal),
            BlockIoClass = ContainerClasses.BlockIo(pod.Config, config),
            RdtClass = ContainerClasses.Rdt(pod.Config, config),
        };
        state.Containers.Add(container);
        return (pod, container);
    }

    private async Task MakeAsync(
        PodSandbox pod, Container container, ContainerImage image, SortedDictionary<string, ContainerImage> volumes, Checkpoint? checkpoint, LsmContext lsm, UndoStack undo)
    {
        undo.Push("remove the writable layer", ct => images.RemoveSnapshotAsync(container.Id, ct));
        RootfsLayers rootfs = await Spans.RunAsync(
            "container.snapshot", _ => images.CreateSnapshotAsync(container.Id, image, volumes.Values, CancellationToken.None)).ConfigureAwait(false);
        if (checkpoint is not null)
            await Spans.RunAsync("checkpoint.rootfs", _ => checkpoint.ApplyRootfsAsync(rootfs)).ConfigureAwait(false);
        ResolvedUser user = Spans.Run("container.user", _ => ContainerPreparation.ResolveUser(container.Config, image, rootfs.LowerDirs));
        UserNamespaceValidation.CheckUser(pod.Config.Namespaces, user);
        if (pod.Config.Namespaces.OwnUserNamespace is { } userNamespace)
            ContainerPreparation.GiveRoot(rootfs, userNamespace);
        container = state.Containers.Transition(container.Id, c => c with { User = user });
        Spec spec = Spans.Run(
            "container.spec", _ => preparation.BuildSpec(container, pod, image, volumes.ToDictionary(v => v.Key, v => rootfs.ImageVolumes[v.Value.Id]), lsm));
        using PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false);
        (container, spec) = await AdjustAsync(turn, pod, container, spec, undo).ConfigureAwait(false);
        preparation.CheckClasses(spec);
        undo.Push("delete the spec", () => specs.Forget(container));
        specs.Save(container, spec);
        if (container.LogPath.Length > 0)
            LogDirectories.Create(pod.Config.LogDirectory, container.LogPath);
        int pid = await launch.LaunchAsync(pod, container, spec, rootfs, checkpoint, undo).ConfigureAwait(false);
        Container created = await PublishAsync(pod.Id, container.Id, pid).ConfigureAwait(false);
        await plugins.InformAsync(turn, Event.PostCreateContainer, created).ConfigureAwait(false);
    }

    /// <summary>Plugins that were asked believe in the container: they are told when it comes to nothing.</summary>
    private async Task<(Container Container, Spec Spec)> AdjustAsync(PluginTurn turn, PodSandbox pod, Container container, Spec spec, UndoStack undo)
    {
        if (turn.IsEmpty)
            return (container, spec);
        undo.Push("tell NRI plugins that there is no container", _ => plugins.DisavowAsync(pod, container, spec));
        (Container adjusted, spec) = await Spans.RunAsync("nri.adjust", _ => plugins.CreateContainerAsync(turn, pod, container, spec)).ConfigureAwait(false);
        container = state.Containers.Transition(
            container.Id, c => c with
            {
                CgroupPath = adjusted.CgroupPath,
                UpdatedResources = adjusted.UpdatedResources,
                BlockIoClass = adjusted.BlockIoClass,
                RdtClass = adjusted.RdtClass,
            });
        return (container, spec);
    }

    /// <summary>A pod that began to stop meanwhile has already killed its containers, and must not get one more.</summary>
    private async Task<Container> PublishAsync(string podId, string id, int pid)
    {
        using IDisposable held = await state.PodLocks.AcquireAsync(podId, CancellationToken.None).ConfigureAwait(false);
        ReadyPod(podId);
        return state.Containers.Transition(id, c => ContainerTransitions.Created(c, pid));
    }

    private PodSandbox ReadyPod(string podId)
    {
        PodSandbox pod = state.Pods.Get(podId);
        return pod.IsReady ? pod : throw CriException.FailedPrecondition($"{pod} is {pod.Phase}, not Ready: it can't have a new container");
    }

    private void Forget(string podId, string id)
    {
        File.Delete(state.Directories.ContainerFile(podId, id));
        state.Containers.Remove(id);
    }
}
