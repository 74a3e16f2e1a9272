using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.CriServer.Specs;

/// <inheritdoc cref="IContainerCgroups"/>
public sealed class OciContainerCgroups(CgroupHierarchy hierarchy) : IContainerCgroups
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken) =>
        new CgroupKill(CgroupPlacement.For(hierarchy, cgroupPath)).KillAllAsync(Limit, cancellationToken);

    public Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken) =>
        CgroupDelete.DeleteAsync(CgroupPlacement.For(hierarchy, cgroupPath), Limit, cancellationToken);
}
