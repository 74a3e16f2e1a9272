using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Nri.Merging;
using CriRuntime.Nri.Plugins;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;
using Event = CriRuntime.Nri.Api.Event;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// UpdateContainerResources: other limits for a container that was created or runs. What is set in the request changes, the rest stays.
/// All or nothing: live cgroup → saved spec → state, and what was done is taken back when a later step fails.
/// </summary>
public sealed class UpdateContainer(
    RuntimeState state, ContainerSpecs specs, BinaryContainers binaries, IContainerCgroups cgroups, NodeFacts node, NodeClasses classes, NriPlugins plugins, ILogger<UpdateContainer> logger)
{
    /// <param name="requested">Null: nothing is to be changed.</param>
    /// <exception cref="CriException">
    /// NotFound; InvalidArgument for values that no container can have here; FailedPrecondition when it has ended, uses more memory than the new limit,
    /// or the node lacks what is asked for.
    /// </exception>
    public async Task ExecuteAsync(string idOrPrefix, ContainerResources? requested, CancellationToken cancellationToken)
    {
        string id = state.Containers.Get(idOrPrefix).Id;
        ResourceRequest.Check("linux", requested ?? new ContainerResources());
        UpdateDecision? decision = await UpdateAsync(id, requested, cancellationToken).ConfigureAwait(false);
        // Others have locks of their own: this container's is free by now.
        if (decision is not null)
            await plugins.ApplyAsync(decision.Others, decision.Evictions).ConfigureAwait(false);
    }

    /// <summary>What an NRI plugin wants, without asking any.</summary>
    /// <exception cref="CriException">As <see cref="ExecuteAsync"/>.</exception>
    public async Task ApplyAsync(string idOrPrefix, WantedResources wanted, CancellationToken cancellationToken)
    {
        string id = state.Containers.Get(idOrPrefix).Id;
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, cancellationToken).ConfigureAwait(false);
        Container container = state.Containers.Get(id);
        ContainerTransitions.EnsureUpdatable(container);
        await ApplyAsync(container, wanted).ConfigureAwait(false);
    }

    private async Task<UpdateDecision?> UpdateAsync(string id, ContainerResources? requested, CancellationToken cancellationToken)
    {
        using IDisposable held = await state.ContainerLocks.AcquireAsync(id, cancellationToken).ConfigureAwait(false);
        Container container = state.Containers.Get(id);
        ContainerTransitions.EnsureUpdatable(container);
        return requested is null ? null : await AskAndApplyAsync(container, requested).ConfigureAwait(false);
    }

    private async Task<UpdateDecision?> AskAndApplyAsync(Container container, ContainerResources requested)
    {
        using PluginTurn turn = await plugins.EnterAsync().ConfigureAwait(false);
        UpdateDecision? decision = await plugins.UpdateContainerAsync(turn, container, requested).ConfigureAwait(false);
        WantedResources wanted = decision is null ? new(requested, new LinuxResources()) : WantedResources.Read(decision.Resources);
        await ApplyAsync(container, wanted with { Requested = wanted.Requested with { OomScoreAdj = requested.OomScoreAdj } }).ConfigureAwait(false);
        await plugins.InformAsync(turn, Event.PostUpdateContainer, state.Containers.Get(container.Id)).ConfigureAwait(false);
        return decision;
    }

    private async Task ApplyAsync(Container container, WantedResources wanted)
    {
        ResourceRequest.Check("linux", wanted.Requested);
        Spec former = specs.Get(container);
        ContainerResources merged = ResourceChange.Merge(container.Resources, wanted.Requested);
        Spec next = ResourceLimits.Update(former, merged, node);
        LinuxResources limits = FurtherLimits.Over(
            ResourceLimits.Build(ResourceChange.ToWrite(merged, wanted.Requested), [], node), wanted.Further);
        Container changed = container with { UpdatedResources = merged };
        if (wanted.BlockIoClass is { } blockIo)
        {
            CheckBuiltIn(container, blockIo);
            next = NodeClasses.WithBlockIo(next, classes.BlockIo(blockIo));
            limits = limits with { BlockIo = BlockIoChange.ToWrite(former.Linux?.Resources?.BlockIo, next.Linux!.Resources!.BlockIo) };
            changed = changed with { BlockIoClass = blockIo.Length > 0 ? blockIo : null };
        }

        if (wanted.RdtClass is { } rdt && rdt != (container.RdtClass ?? ""))
            throw CriException.FailedPrecondition($"{container}: its RDT class can't be changed to \"{TextLimits.Shorten(rdt)}\", for a container is born in its class");
        ResourceValidation.Check(limits, "linux");
        // The kernel may reclaim memory for seconds before it answers.
        await Task.Run(() => ChangeAsync(container, changed, former, next, limits), CancellationToken.None).ConfigureAwait(false);
        ContainerLog.Updated(logger, container.Id);
    }

    /// <summary>A binary remembers the limits that it made a container with, and sets them again with any other.</summary>
    private void CheckBuiltIn(Container container, string blockIoClass)
    {
        if (binaries.HandlerOf(container.SandboxId) is { } handler)
            throw CriException.FailedPrecondition($"{container}: its block I/O class can't be changed to \"{TextLimits.Shorten(blockIoClass)}\" under the runtime handler {handler.Name}");
    }

    private async Task ChangeAsync(Container container, Container changed, Spec former, Spec next, LinuxResources limits)
    {
        RuntimeHandler? handler = binaries.HandlerOf(container.SandboxId);
        if (handler is not null)
            limits = binaries.Limits(limits);
        UndoStack undo = new();
        try
        {
            Func<Task> putBack = await SetLimitsAsync(container, limits).ConfigureAwait(false);
            undo.Push("put its former limits back", _ => putBack());
            if (handler is not null)
                await binaries.UpdateAsync(handler, container, limits).ConfigureAwait(false);
            undo.Push("put its former spec back", () => specs.Save(container, former));
            specs.Save(container, next);
            state.Containers.Transition(container.Id, c => ContainerTransitions.Updated(c, changed.Resources, changed.BlockIoClass));
            SetOomScore(container, changed.Resources);
        }
        catch (Exception e)
        {
            ContainerLog.NotUpdated(logger, container.Id, e.Message);
            foreach (UndoFailure failure in await undo.RunAsync().ConfigureAwait(false))
                ContainerLog.UpdateNotUndone(logger, container.Id, failure.Step, failure.Cause);
            throw;
        }
    }

    /// <returns>What puts the former limits back.</returns>
    private async Task<Func<Task>> SetLimitsAsync(Container container, LinuxResources limits)
    {
        try
        {
            return await cgroups.UpdateLimitsAsync(container.CgroupPath, limits).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw new CriException(KindOf(e.Errno), $"{container}: the kernel refuses the new limits: {e.Message}", e);
        }
        catch (CgroupException e)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"{container} keeps its limits: {e.Message}", e);
        }
    }

    private static CriErrorKind KindOf(Errno errno) => errno switch
    {
        // ENOENT: a unified setting that this kernel does not have. EACCES: CPUs or memory nodes that the pod does not have.
        Errno.EINVAL or Errno.ERANGE or Errno.E2BIG or Errno.EOVERFLOW or Errno.ENOENT or Errno.EACCES => CriErrorKind.InvalidArgument,
        Errno.EBUSY or Errno.ENOSPC or Errno.ENODEV or Errno.EOPNOTSUPP or Errno.EPERM => CriErrorKind.FailedPrecondition,
        _ => CriErrorKind.Internal,
    };

    /// <summary>Only a new score is written: a program may have changed its own since. What can't be had is no reason to refuse the rest.</summary>
    private void SetOomScore(Container container, ContainerResources merged)
    {
        if (merged.OomScoreAdj == container.Resources.OomScoreAdj)
            return;
        Errno refusal = cgroups.SetOomScore(container.CgroupPath, ResourceLimits.OomScoreAdj(merged.OomScoreAdj, node));
        if (refusal != Errno.None)
            ContainerLog.OomScoreNotSet(logger, container.Id, merged.OomScoreAdj, refusal);
    }
}
