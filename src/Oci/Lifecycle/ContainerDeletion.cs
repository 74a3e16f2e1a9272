using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>delete: what is left of a container that ended.</summary>
public static class ContainerDeletion
{
    /// <summary>How long the processes of a cgroup may take to end after SIGKILL, in milliseconds.</summary>
    private const int Patience = 10_000;

    /// <param name="force">Ends it first if it lives; a container that does not exist is fine.</param>
    /// <exception cref="OciException">It lives, or does not exist.</exception>
    public static void Delete(ContainerStore store, string id, bool force, Action<string> warn)
    {
        ContainerId.Check(id);
        if (force && !store.Exists(id))
            return;
        if (force && !File.Exists(Path.Combine(store.DirectoryOf(id), "state.json")))
        {
            store.Remove(id); // a creation that was killed on its way
            return;
        }
        Container container = Container.Open(store, id);
        string status = container.Status();
        // As runc: one that was never started may go without force.
        if (status is not (ContainerStatus.Stopped or ContainerStatus.Created) && !force)
            throw new OciException($"container {id} is {status}: stop it first, or delete it with --force");
        Delete(container, warn);
    }

    /// <summary>Ends a container if it lives, and removes it.</summary>
    public static void Delete(Container container, Action<string> warn)
    {
        End(container);
        if (container.Record.Scope is { } scope)
            ContainerScope.Stop(scope, warn);
        ResctrlGroup.Remove(container.Record.ResctrlDirectories);
        ContainerHooks.Poststop(container, warn);
        container.Store.Remove(container.Record.Id);
    }

    private static void End(Container container)
    {
        CgroupPlacement cgroup = container.Cgroup;
        using (FileDescriptor? process = container.OpenProcess())
        {
            if (process is not null)
            {
                PidFd.Signal(process, Container.SigKill);
                Container.LetDie(cgroup);
                HostFile.AwaitReadable(process, Patience);
            }
        }
        long deadline = Environment.TickCount64 + Patience;
        CgroupKill kill = new(cgroup);
        using EventFd never = new();
        while (!CgroupDelete.TryDelete(cgroup))
        {
            kill.TryKillAll();
            if (Environment.TickCount64 > deadline)
                throw new OciException($"container {container.Record.Id}: processes are left in its cgroup after {Patience / 1000} s of SIGKILL");
            HostFile.AwaitReadable(never.Descriptor, 2);
        }
    }
}
