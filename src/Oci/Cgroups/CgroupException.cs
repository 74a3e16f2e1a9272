namespace CriRuntime.Oci.Cgroups;

/// <summary>A cgroup path or a resource that cannot be had on this host; the message names the field, the reason and what would help.</summary>
public sealed class CgroupException(string message) : Exception(message);
