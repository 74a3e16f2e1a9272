namespace CriRuntime.CriServer.Cgroups;

/// <summary>Who makes the cgroups of containers. The kubelet asks which (RuntimeConfig) and names pods' cgroups accordingly.</summary>
public enum CgroupDriver
{
    /// <summary>This program, in directories named by paths such as <c>/kubepods/burstable/pod1</c>.</summary>
    Cgroupfs,

    /// <summary>Systemd, in slices such as <c>kubepods-burstable-pod1.slice</c> and a scope for each container.</summary>
    Systemd,
}
