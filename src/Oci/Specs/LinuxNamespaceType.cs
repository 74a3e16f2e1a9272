namespace CriRuntime.Oci.Specs;

/// <summary>The values of <see cref="LinuxNamespace.Type"/> (config-linux.md, Namespaces).</summary>
public static class LinuxNamespaceType
{
    public const string Pid = "pid";
    public const string Network = "network";
    public const string Mount = "mount";
    public const string Ipc = "ipc";
    public const string Uts = "uts";
    public const string User = "user";
    public const string Cgroup = "cgroup";
    public const string Time = "time";

    /// <summary>True for a type that the specification knows.</summary>
    public static bool IsKnown(string type) =>
        type is Pid or Network or Mount or Ipc or Uts or User or Cgroup or Time;
}
