using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <inheritdoc cref="IContainerCgroups"/>
public sealed class OciContainerCgroups(CgroupHierarchy hierarchy) : IContainerCgroups
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public Task PreparePodAsync(string cgroupPath, string description, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task AdoptAsync(string cgroupPath, string description, int pid, LinuxResources? limits, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task AdoptMonitorAsync(string podId, int pid, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken) =>
        new CgroupKill(CgroupPlacement.For(hierarchy, cgroupPath)).KillAllAsync(Limit, cancellationToken);

    public Task<Func<Task>> UpdateLimitsAsync(string cgroupPath, LinuxResources limits)
    {
        LimitChanges changes = Change(cgroupPath, limits);
        return Task.FromResult<Func<Task>>(() =>
        {
            Revert(changes);
            return Task.CompletedTask;
        });
    }

    public Errno SetOomScore(string cgroupPath, int score) => OomScore.Set(CgroupPlacement.For(hierarchy, cgroupPath), score);

    public Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken) =>
        CgroupDelete.DeleteAsync(CgroupPlacement.For(hierarchy, cgroupPath), Limit, cancellationToken);

    /// <summary>Writes the limits to the cgroup's files, all of them or none.</summary>
    internal LimitChanges Change(string cgroupPath, LinuxResources limits)
    {
        // v1 refuses by itself what is below the usage; v2 would kill.
        if (hierarchy.Find("memory")?.Version == CgroupVersion.V2)
            limits = limits with { Memory = (limits.Memory ?? new MemoryResources()) with { CheckBeforeUpdate = true } };
        return CgroupUpdate.Apply(CgroupPlacement.For(hierarchy, cgroupPath), limits);
    }

    internal static void Revert(LimitChanges changes)
    {
        IReadOnlyList<string> stuck = changes.Revert();
        if (stuck.Count > 0)
            throw new CgroupException($"the kernel refuses the former limits: {string.Join(", ", stuck)}");
    }
}
