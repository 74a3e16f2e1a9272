using System.Collections.Immutable;

namespace CriRuntime.Oci.Cgroups;

/// <summary>One mounted hierarchy.</summary>
/// <param name="MountPoint">Absolute, no slash at the end.</param>
/// <param name="Version">On a hybrid host there are both.</param>
/// <param name="Controllers">Available at the mount's root; empty for a named v1 hierarchy.</param>
/// <param name="OwnPath">Where this process is in it, relative to the mount: <c>/</c> or <c>/a/b</c>.</param>
public sealed record CgroupMount(string MountPoint, CgroupVersion Version, ImmutableArray<string> Controllers, string OwnPath)
{
    public bool Has(string controller) => Controllers.Contains(controller);

    public override string ToString() => $"{MountPoint} ({Version}: {string.Join(',', Controllers)})";
}
