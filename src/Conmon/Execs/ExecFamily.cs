using CriRuntime.Conmon.Containers;
using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.Conmon.Execs;

/// <summary>
/// The processes that an exec has started. With a cgroup of its own (v2) that holds them all, and ends with the exec. Without one only
/// those can be told from the container's others that are still in the exec's session; they end when the exec is killed.
/// </summary>
internal sealed class ExecFamily(MonitorContext context, Container container, string cgroupDirectory)
{
    private const int SigKill = 9;

    /// <summary>1, 2, 4, ... ms: about a second in all. What is left then goes with the container.</summary>
    private const int MaxAttempts = 10;

    private int _attempts;

    /// <summary>SIGKILL to all of them. The session's leader was not reaped yet, so the number is its own.</summary>
    internal void Kill(int leader)
    {
        if (cgroupDirectory.Length > 0)
            CgroupKill.Of([cgroupDirectory]).TryKillAll();
        else
            KillSession(leader);
    }

    /// <summary>The exec's own process has ended.</summary>
    internal void End()
    {
        if (cgroupDirectory.Length == 0)
            return;
        CgroupKill kill = CgroupKill.Of([cgroupDirectory]);
        if ((kill.IsEmpty() || kill.TryKillAll()) && CgroupDelete.TryDelete(cgroupDirectory))
            return;
        if (++_attempts <= MaxAttempts)
            context.Loop.After(TimeSpan.FromMilliseconds(1 << _attempts), End);
        else
            context.Log.Warning($"the cgroup {cgroupDirectory} of an exec stays until its container is deleted: its processes do not end");
    }

    private void KillSession(int leader)
    {
        foreach (int pid in container.Cgroups.Processes())
        {
            if (pid == leader || ProcessSession.Of(pid) != leader)
                continue;
            try
            {
                using FileDescriptor process = PidFd.Open(pid);
                // Asked again: the pid may be another's since.
                if (ProcessSession.Of(pid) == leader)
                    PidFd.Signal(process, SigKill);
            }
            catch (LinuxException e) when (e.Errno == Errno.ESRCH)
            {
                // It has ended by itself.
            }
        }
    }
}
