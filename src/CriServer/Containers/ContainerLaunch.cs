using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// Has a container's first process made from its finished specification: by the monitor itself, by criu where it is restored, or by the binary of the pod's
/// runtime handler. It stops just before its program.
/// </summary>
public sealed class ContainerLaunch(
    RuntimeState state,
    MonitorRegistry monitors,
    IContainerPlanner planner,
    IContainerCgroups cgroups,
    NodeClasses classes,
    HookBundle bundles,
    LaterHooks hooks,
    BinaryContainers binaries,
    Criu criu)
{
    /// <param name="pod">Of the container.</param>
    /// <param name="container">With its writable layer made.</param>
    /// <param name="spec">As NRI plugins left it.</param>
    /// <param name="rootfs">The container's layers.</param>
    /// <param name="checkpoint">What the container is restored from; null for a new one.</param>
    /// <param name="undo">Gets the steps that take back what was done here.</param>
    /// <returns>The pid of the container's first process.</returns>
    /// <exception cref="CriException">FailedPrecondition: the runtime that is asked can't do what is wanted.</exception>
    /// <exception cref="Conmon.Protocol.MonitorException">The process could not be made.</exception>
    public async Task<int> LaunchAsync(PodSandbox pod, Container container, Spec spec, RootfsLayers rootfs, Checkpoint? checkpoint, UndoStack undo)
    {
        RuntimeHandler? handler = binaries.HandlerOf(pod.Id);
        if (handler is not null && checkpoint is not null)
            throw CriException.FailedPrecondition($"{container} is to be restored from a checkpoint, which the pod's runtime handler does not do");
        IMonitor monitor = monitors.Get(pod.Id);
        undo.Push("delete the bundle", () => bundles.Remove(container));
        undo.Push("run the poststop hooks", _ => hooks.PoststopAsync(container));
        undo.Push("remove what resctrl has of it", () => classes.RemoveOwn(container));
        undo.Push("remove what is left of its cgroup", ct => cgroups.DeleteAsync(container.CgroupPath, ct));
        undo.Push("have its runtime forget it", _ => binaries.DeleteAsync(container));
        undo.Push("delete the container's process and cgroup", ct => monitor.DeleteContainerAsync(container.Id, ct));
        return handler is null
            ? await LaunchAsync(monitor, pod, container, spec, rootfs, checkpoint).ConfigureAwait(false)
            : await LaunchAsync(handler, monitor, pod, container, spec, rootfs).ConfigureAwait(false);
    }

    private async Task<int> LaunchAsync(
        IMonitor monitor, PodSandbox pod, Container container, Spec spec, RootfsLayers rootfs, Checkpoint? checkpoint)
    {
        string? bundle = bundles.Make(container, spec);
        ContainerPlanInput input = new(
            container.Id, rootfs.LowerDirs, rootfs.UpperDir, rootfs.WorkDir, state.Directories.RootfsMountPoint(pod.Id), container.CgroupPath, bundle)
        {
            Timed = Spans.Recording,
        };
        MonitorContainer described = Describe(pod, container) with
        {
            Plan = Spans.Run("container.plan", _ => Plan(container, spec, input, checkpoint)),
            RestoredPidFile = checkpoint?.PidFile ?? "",
        };
        int pid = await monitor.CreateContainerAsync(described, CancellationToken.None).ConfigureAwait(false);
        string unit = $"container {container.Config.Metadata.Name} of {pod.Config.Metadata.Namespace}/{pod.Config.Metadata.Name}";
        await Spans.RunAsync(
            "container.cgroup", _ => cgroups.AdoptAsync(container.CgroupPath, unit, pid, spec.Linux?.Resources, CancellationToken.None)).ConfigureAwait(false);
        return pid;
    }

    /// <summary>A binary makes the cgroup and tells systemd itself.</summary>
    private async Task<int> LaunchAsync(RuntimeHandler handler, IMonitor monitor, PodSandbox pod, Container container, Spec spec, RootfsLayers rootfs)
    {
        BinaryPlan plan = await Spans.RunAsync("container.plan", _ => binaries.PlanCreateAsync(handler, container, spec, rootfs)).ConfigureAwait(false);
        MonitorContainer described = Describe(pod, container) with { Plan = plan.Plan, Binary = plan.Options };
        return await binaries.ExplainAsync(
            handler, container, BinaryCommand.Init, () => monitor.CreateContainerAsync(described, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>All but the plan.</summary>
    private MonitorContainer Describe(PodSandbox pod, Container container)
    {
        ContainerConfig config = container.Config;
        return new MonitorContainer(container.Id, default)
        {
            LogPath = container.LogPath,
            LogDirectory = pod.Config.LogDirectory,
            CgroupPath = container.CgroupPath,
            Terminal = config.Tty,
            Stdin = config.Stdin,
            StdinOnce = config.StdinOnce,
            LogOptions = state.Settings.Logs,
        };
    }

    private ReadOnlyMemory<byte> Plan(Container container, Spec spec, ContainerPlanInput input, Checkpoint? checkpoint)
    {
        if (checkpoint is null)
            return planner.PlanContainer(spec, input);
        CheckpointValidation.CheckKind(container, spec);
        if (spec.Hooks is not null)
            throw CriException.FailedPrecondition($"{container} has hooks, by a device or an NRI plugin, and they are not run for a container that is restored");
        IReadOnlyList<CgroupDirectory> directories = CgroupPlacement.For(CgroupHierarchy.Detect(), input.CgroupPath).Directories;
        return planner.PlanRestore(spec, input, checkpoint.Program(criu.Path, spec, input.MountPoint, directories));
    }
}
