using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>A container that was created, as the commands after that find it.</summary>
public sealed class Container(ContainerStore store, ContainerRecord record)
{
    internal const int SigKill = 9;

    public ContainerRecord Record => record;

    public ContainerStore Store => store;

    public CgroupPlacement Cgroup => CgroupPlacement.For(CgroupHierarchy.Detect(), record.CgroupsPath);

    /// <exception cref="OciException">There is no such container.</exception>
    public static Container Open(ContainerStore store, string id) => new(store, store.Load(id));

    /// <summary>The first process lives: one with its number that started when it did, and is no zombie.</summary>
    public bool IsAlive => HostFile.StartTime(record.Pid) == record.StartTime;

    /// <summary>One of <see cref="ContainerStatus"/>, from what is: the process, the fifo, the freezer.</summary>
    public string Status()
    {
        if (!IsAlive)
            return ContainerStatus.Stopped;
        if (File.Exists(store.FifoOf(record.Id)))
            return ContainerStatus.Created;
        return new CgroupFreezer(Cgroup).IsFrozen() ? ContainerStatus.Paused : ContainerStatus.Running;
    }

    public ContainerReport Report()
    {
        string status = Status();
        return new ContainerReport
        {
            OciVersion = record.OciVersion,
            Id = record.Id,
            Pid = status == ContainerStatus.Stopped ? 0 : record.Pid,
            Status = status,
            Bundle = record.Bundle,
            Rootfs = record.Rootfs,
            Created = record.Created,
            Annotations = record.Annotations,
        };
    }

    /// <summary>Sends a signal to the first process, or to every process of the container's cgroup.</summary>
    /// <exception cref="OciException">It does not run.</exception>
    public void Kill(int signal, bool all)
    {
        if (all)
        {
            CgroupProcesses.Signal(Cgroup.Directories[0].Path, signal);
        }
        else
        {
            using FileDescriptor? process = OpenProcess();
            if (process is null || !PidFd.Signal(process, signal))
                throw new OciException($"container {record.Id} is not running");
        }
        if (signal == SigKill)
            LetDie(Cgroup);
    }

    /// <summary>Other limits; the rest stay as they are.</summary>
    /// <exception cref="CgroupException">As <see cref="CgroupUpdate.Apply"/>.</exception>
    /// <exception cref="IOException">Systemd, whose scope the container is, refuses them or cannot be reached.</exception>
    public void Update(LinuxResources limits)
    {
        if (record.Scope is { } scope)
            ContainerScope.Update(scope, Cgroup, limits);
        else
            CgroupUpdate.Apply(Cgroup, limits);
    }

    /// <summary>A process that stands still in a v1 freezer does not even die; on v2 it does.</summary>
    internal static void LetDie(CgroupPlacement cgroup)
    {
        CgroupFreezer freezer = new(cgroup);
        if (freezer.IsFrozen())
            freezer.Thaw();
    }

    /// <summary>The first process, surely this one; null when it is gone.</summary>
    public FileDescriptor? OpenProcess()
    {
        if (!IsAlive)
            return null; // the usual case of a deletion, without an exception
        FileDescriptor process;
        try
        {
            process = PidFd.Open(record.Pid);
        }
        catch (LinuxException e) when (e.Errno is Errno.ESRCH or Errno.EINVAL)
        {
            return null;
        }
        if (IsAlive)
            return process;
        process.Dispose();
        return null;
    }
}
