using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>What the daemon itself does to cgroups: what the driver has to be told of them, new limits for living containers, and what a monitor does where there is none.</summary>
public interface IContainerCgroups
{
    /// <summary>Makes the pod's cgroup, where the driver wants it before there is a container in it. Fine when it exists.</summary>
    Task PreparePodAsync(string cgroupPath, string description, CancellationToken cancellationToken);

    /// <summary>Tells the driver of a container that was born into its cgroup, and of the limits there.</summary>
    /// <param name="cgroupPath">The container's.</param>
    /// <param name="description">For people.</param>
    /// <param name="pid">Its first process, in the host's pid namespace.</param>
    /// <param name="limits">Those that were written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task AdoptAsync(string cgroupPath, string description, int pid, LinuxResources? limits, CancellationToken cancellationToken);

    /// <summary>Takes a pod's monitor out of the daemon's own cgroup, where the driver does that and not the monitor.</summary>
    Task AdoptMonitorAsync(string podId, int pid, CancellationToken cancellationToken);

    /// <summary>SIGKILL to every process in the cgroup and below. Fine when it does not exist.</summary>
    Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken);

    /// <summary>Brings a live cgroup to these limits, all of them or none.</summary>
    /// <returns>Puts the former limits back; throws when the kernel refuses one of them.</returns>
    /// <exception cref="CgroupException">The node lacks what is asked for, or more memory is used than the new limit.</exception>
    /// <exception cref="LinuxException">The kernel refuses a value.</exception>
    Task<Func<Task>> UpdateLimitsAsync(string cgroupPath, LinuxResources limits);

    /// <summary>Sets oom_score_adj of every process in the cgroup and below.</summary>
    /// <returns>Why one of them did not take it; None when all did.</returns>
    Errno SetOomScore(string cgroupPath, int score);

    /// <summary>Removes the cgroup and what is below it, in every hierarchy, and what the driver knows of it. Fine when it does not exist.</summary>
    Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken);
}
