using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <inheritdoc cref="IContainerCgroups"/>
public sealed class OciContainerCgroups(CgroupHierarchy hierarchy) : IContainerCgroups
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken) =>
        new CgroupKill(CgroupPlacement.For(hierarchy, cgroupPath)).KillAllAsync(Limit, cancellationToken);

    public Action UpdateLimits(string cgroupPath, LinuxResources limits)
    {
        // v1 refuses by itself what is below the usage; v2 would kill.
        if (hierarchy.Find("memory")?.Version == CgroupVersion.V2)
            limits = limits with { Memory = (limits.Memory ?? new MemoryResources()) with { CheckBeforeUpdate = true } };
        LimitChanges changes = CgroupUpdate.Apply(CgroupPlacement.For(hierarchy, cgroupPath), limits);
        return () =>
        {
            IReadOnlyList<string> stuck = changes.Revert();
            if (stuck.Count > 0)
                throw new CgroupException($"the kernel refuses the former limits: {string.Join(", ", stuck)}");
        };
    }

    public Errno SetOomScore(string cgroupPath, int score) => OomScore.Set(CgroupPlacement.For(hierarchy, cgroupPath), score);

    public Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken) =>
        CgroupDelete.DeleteAsync(CgroupPlacement.For(hierarchy, cgroupPath), Limit, cancellationToken);
}
