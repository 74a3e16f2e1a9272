using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Cgroups.Systemd;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Cgroups;

/// <summary>
/// Cgroups that are systemd's units. A container is born in its scope's cgroup, made and limited by its launch plan; then, still before its program runs,
/// systemd is told of the scope around it, with the same limits. So whatever reads limits or writes them finds files and properties of one mind.
/// Cgroups that are no units (of pods made with the other driver) are left to <paramref name="files"/> alone.
/// </summary>
public sealed class SystemdContainerCgroups(OciContainerCgroups files, CgroupHierarchy hierarchy, SystemdUnits units, int systemdVersion, RuntimeSettings settings) : IContainerCgroups
{
    public async Task PreparePodAsync(string cgroupPath, string description, CancellationToken cancellationToken)
    {
        // The kubelet's are there already.
        if (TransientUnits.UnitOf(cgroupPath) is not { } slice || Directory.Exists(DirectoryOf(cgroupPath)))
            return;
        try
        {
            await units.StartTransientAsync(slice, TransientUnits.Slice(description), cancellationToken).ConfigureAwait(false);
        }
        catch (SystemdException e) when (e.IsUnitExists)
        {
            // Loaded: by another pod's request a moment ago, or from a file. A scope in it starts it, if it has not been.
            return;
        }
    }

    public async Task AdoptAsync(string cgroupPath, string description, int pid, LinuxResources? limits, CancellationToken cancellationToken)
    {
        if (TransientUnits.UnitOf(cgroupPath) is not { } scope)
            return;
        CgroupPlacement placement = CgroupPlacement.For(hierarchy, cgroupPath);
        IReadOnlyList<CgroupStep.WriteFile> writes = CgroupPlanner.PlanUpdate(placement, limits ?? new LinuxResources());
        await StartScopeAsync(scope, SliceOf(cgroupPath), description, pid, UnitLimits.AtStart(writes, systemdVersion), cancellationToken).ConfigureAwait(false);
        // Taking the cgroup over, systemd wrote what it knows: rounded, and its own defaults where it has no property.
        if (limits is not null)
            CgroupUpdate.Apply(placement, limits);
    }

    public Task AdoptMonitorAsync(string podId, int pid, CancellationToken cancellationToken) =>
        settings.MonitorCgroup.Length == 0
            ? Task.CompletedTask
            : StartScopeAsync(MonitorScope(podId), settings.MonitorCgroup, $"monitor of pod sandbox {podId}", pid, [], cancellationToken);

    public Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken) => files.KillAllAsync(cgroupPath, cancellationToken);

    public Errno SetOomScore(string cgroupPath, int score) => files.SetOomScore(cgroupPath, score);

    public async Task<Func<Task>> UpdateLimitsAsync(string cgroupPath, LinuxResources limits)
    {
        if (TransientUnits.UnitOf(cgroupPath) is not { } scope)
            return await files.UpdateLimitsAsync(cgroupPath, limits).ConfigureAwait(false);
        // The files first: they refuse what cannot be, and are all or nothing.
        LimitChanges changes = files.Change(cgroupPath, limits);
        IReadOnlyList<CgroupStep.WriteFile> former = changes.Former;
        try
        {
            await TellAsync(scope, CgroupPlanner.PlanUpdate(CgroupPlacement.For(hierarchy, cgroupPath), limits)).ConfigureAwait(false);
            files.Change(cgroupPath, limits);
        }
        catch
        {
            OciContainerCgroups.Revert(changes);
            throw;
        }
        return async () =>
        {
            await TellAsync(scope, former).ConfigureAwait(false);
            OciContainerCgroups.Revert(changes);
        };
    }

    public async Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken)
    {
        // A scope without processes is gone by itself most often.
        if (TransientUnits.UnitOf(cgroupPath) is { } unit)
            await units.StopAsync(unit, cancellationToken).ConfigureAwait(false);
        await files.DeleteAsync(cgroupPath, cancellationToken).ConfigureAwait(false);
    }

    private static string MonitorScope(string podId) => $"criruntime-monitor-{podId}{TransientUnits.ScopeSuffix}";

    private static string SliceOf(string cgroupPath)
    {
        string parent = cgroupPath[..cgroupPath.LastIndexOf('/')];
        return parent.Length == 0 ? "-.slice" : TransientUnits.UnitOf(parent) ?? throw new CgroupException($"{cgroupPath} is not in a slice");
    }

    private async Task StartScopeAsync(
        string scope, string slice, string description, int pid, IReadOnlyList<UnitProperty> limits, CancellationToken cancellationToken)
    {
        try
        {
            await units.StartTransientAsync(scope, TransientUnits.Scope(slice, description, pid, limits), cancellationToken).ConfigureAwait(false);
        }
        catch (SystemdException e) when (e.IsUnitExists)
        {
            // The call was made twice over a broken connection: names have random ids in them.
            if (await units.ActiveStateAsync(scope, cancellationToken).ConfigureAwait(false) != "active")
                throw;
        }
    }

    private async Task TellAsync(string scope, IReadOnlyList<CgroupStep.WriteFile> writes)
    {
        IReadOnlyList<UnitProperty> properties = UnitLimits.From(writes, systemdVersion);
        if (properties.Count > 0)
            await units.SetPropertiesAsync(scope, properties, CancellationToken.None).ConfigureAwait(false);
    }

    private string DirectoryOf(string cgroupPath) => hierarchy.Unified!.MountPoint + cgroupPath;
}
