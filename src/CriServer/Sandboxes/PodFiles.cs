using System.Text;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>The files and directories of a pod: made before it is ready, gone with it.</summary>
public sealed class PodFiles(RuntimeSettings settings, StateDirectories directories, IHostMounts mounts)
{
    /// <summary>Readable by every user of a container into which the file is mounted; the directory above is closed to others.</summary>
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public void CreateDirectories(string podId)
    {
        foreach (string directory in (string[])[
            directories.Pod(podId), directories.Containers(podId), directories.Specs(podId), directories.Namespaces(podId),
            directories.Exits(podId), directories.RootfsMountPoint(podId)])
        {
            StateDirectories.CreatePrivate(directory);
        }
    }

    /// <summary>Writes resolv.conf, hosts and hostname.</summary>
    public void WriteFiles(PodSandbox pod)
    {
        byte[] resolvConf = pod.Config.Dns is { } dns
            ? Encoding.UTF8.GetBytes(ResolvConf.Format(dns))
            : File.Exists(settings.ResolvConfPath) ? File.ReadAllBytes(settings.ResolvConfPath) : [];
        Write(pod, directories.ResolvConf(pod.Id), resolvConf);
        byte[] hosts = pod.HostNetwork && File.Exists("/etc/hosts")
            ? File.ReadAllBytes("/etc/hosts")
            : Encoding.UTF8.GetBytes(HostsFile.Format(pod.Hostname));
        Write(pod, directories.Hosts(pod.Id), hosts);
        Write(pod, directories.Hostname(pod.Id), Encoding.UTF8.GetBytes(pod.Hostname + "\n"));
    }

    /// <summary>The pod's own /dev/shm, unless it uses the node's.</summary>
    public void MountShm(PodSandbox pod)
    {
        if (pod.Config.Namespaces.Ipc == NamespaceMode.Node)
            return;
        string shm = directories.Shm(pod.Id);
        StateDirectories.CreatePrivate(shm);
        (uint user, uint group) = RootOf(pod);
        mounts.MountShm(shm, settings.ShmSize, user, group, pod.Selinux?.Files);
    }

    public void UnmountShm(string podId) => mounts.Unmount(directories.Shm(podId));

    /// <summary>Takes everything away, pinned namespaces included. Fine when it is gone.</summary>
    public void Delete(string podId)
    {
        string pod = directories.Pod(podId);
        if (!Directory.Exists(pod))
            return;
        UnmountShm(podId);
        if (Directory.Exists(directories.Namespaces(podId)))
        {
            foreach (string pin in Directory.EnumerateFiles(directories.Namespaces(podId)))
                mounts.Unmount(pin);
        }

        Directory.Delete(pod, recursive: true);
    }

    /// <summary>The pod's root as the host knows it.</summary>
    private static (uint User, uint Group) RootOf(PodSandbox pod) =>
        pod.Config.Namespaces.OwnUserNamespace is { } own ? (own.HostUser(0)!.Value, own.HostGroup(0)!.Value) : (0, 0);

    private static void Write(PodSandbox pod, string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, Readable);
        if (pod.Selinux is { } labels)
            SelinuxRelabel.Apply(path, labels.Files);
        if (pod.Config.Namespaces.OwnUserNamespace is null)
            return;
        (uint user, uint group) = RootOf(pod);
        using DirectoryFd directory = DirectoryFd.Open(Path.GetDirectoryName(path)!);
        directory.SetOwner(Encoding.UTF8.GetBytes(Path.GetFileName(path)), user, group);
    }
}
