namespace CriRuntime.CriServer.Specs;

/// <summary>What the daemon itself does to cgroups: only where there is no monitor to do it.</summary>
public interface IContainerCgroups
{
    /// <summary>SIGKILL to every process in the cgroup and below. Fine when it does not exist.</summary>
    Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken);

    /// <summary>Removes the cgroup and what is below it, in every hierarchy. Fine when it does not exist.</summary>
    Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken);
}
