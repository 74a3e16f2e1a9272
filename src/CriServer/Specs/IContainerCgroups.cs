using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>What the daemon itself does to cgroups: new limits for living containers, and what a monitor does where there is none.</summary>
public interface IContainerCgroups
{
    /// <summary>SIGKILL to every process in the cgroup and below. Fine when it does not exist.</summary>
    Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken);

    /// <summary>Brings a live cgroup to these limits, all of them or none.</summary>
    /// <returns>Puts the former limits back; throws when the kernel refuses one of them.</returns>
    /// <exception cref="CgroupException">The node lacks what is asked for, or more memory is used than the new limit.</exception>
    /// <exception cref="LinuxException">The kernel refuses a value.</exception>
    Action UpdateLimits(string cgroupPath, LinuxResources limits);

    /// <summary>Sets oom_score_adj of every process in the cgroup and below.</summary>
    /// <returns>Why one of them did not take it; None when all did.</returns>
    Errno SetOomScore(string cgroupPath, int score);

    /// <summary>Removes the cgroup and what is below it, in every hierarchy. Fine when it does not exist.</summary>
    Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken);
}
