using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>pause and resume: every process of the container stands still, and goes on.</summary>
public static class ContainerPause
{
    /// <summary>How long the kernel may take, in milliseconds: a process in an uninterruptible wait cannot be frozen.</summary>
    private const int Patience = 10_000;

    /// <exception cref="OciException">It does not run, or could not be brought to a stand; then it runs on.</exception>
    public static void Pause(Container container)
    {
        string status = container.Status();
        if (status is not (ContainerStatus.Running or ContainerStatus.Created))
            throw new OciException($"container {container.Record.Id} cannot be paused: it is {status}");
        CgroupFreezer freezer = new(container.Cgroup);
        using EventFd never = new();
        long deadline = Environment.TickCount64 + Patience;
        freezer.Freeze();
        while (!freezer.IsFrozen())
        {
            if (Environment.TickCount64 > deadline)
            {
                freezer.Thaw();
                throw new OciException($"container {container.Record.Id} cannot be paused: its processes do not stand still within {Patience / 1000} s");
            }
            HostFile.AwaitReadable(never.Descriptor, 1);
            freezer.Freeze();
        }
    }

    /// <exception cref="OciException">It is not paused.</exception>
    public static void Resume(Container container)
    {
        string status = container.Status();
        if (status != ContainerStatus.Paused)
            throw new OciException($"container {container.Record.Id} cannot be resumed: it is {status}");
        new CgroupFreezer(container.Cgroup).Thaw();
    }
}
