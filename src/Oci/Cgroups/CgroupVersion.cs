namespace CriRuntime.Oci.Cgroups;

/// <summary>Version of a cgroup hierarchy's interface: cgroup-v1 (Documentation/admin-guide/cgroup-v1) or cgroup-v2.</summary>
public enum CgroupVersion
{
    V1 = 1,
    V2 = 2,
}
