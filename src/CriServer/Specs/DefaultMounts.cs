using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>What every container finds mounted, unless the request mounts something else in its place.</summary>
public static class DefaultMounts
{
    public static IEnumerable<Mount> Build(ContainerSpecInput input)
    {
        bool privileged = input.Container.Security.Privileged;
        NamespaceOptions pod = input.Pod.Config.Namespaces;
        yield return Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        yield return Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return Terminals(pod.OwnUserNamespace);
        yield return Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        // sysfs is for the owner of the network namespace; a user namespace beside the node's network sees the node's, without what is mounted in it.
        if (pod.OwnUserNamespace is not null && pod.Network == NamespaceMode.Node)
            yield return new Mount { Destination = "/sys", Type = "bind", Source = "/sys", Options = ["bind", "rprivate", "ro", "nosuid", "noexec", "nodev"] };
        else
            yield return Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", privileged ? "rw" : "ro");
        yield return Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", privileged ? "rw" : "ro");
        string shm = pod.Ipc == NamespaceMode.Node ? "/dev/shm" : input.Paths.Shm;
        yield return Bind(shm, "/dev/shm", "rw", "nosuid", "nodev", "noexec");
        string access = input.Container.Security.ReadOnlyRootfs ? "ro" : "rw";
        yield return Bind(input.Paths.Hostname, "/etc/hostname", access, "nosuid", "nodev", "noexec");
        yield return Bind(input.Paths.Hosts, "/etc/hosts", access, "nosuid", "nodev", "noexec");
        yield return Bind(input.Paths.ResolvConf, "/etc/resolv.conf", access, "nosuid", "nodev", "noexec");
    }

    /// <summary>The group of terminals, by convention; a user namespace need not have it.</summary>
    private static Mount Terminals(UserNamespaceOptions? user)
    {
        const uint Tty = 5;
        string[] options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"];
        return Mount("/dev/pts", "devpts", "devpts", user is null || user.HostGroup(Tty) is not null ? [.. options, $"gid={Tty}"] : options);
    }

    private static Mount Mount(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options };

    private static Mount Bind(string source, string destination, params string[] options) =>
        new() { Destination = destination, Type = "bind", Source = source, Options = ["rbind", "rprivate", .. options] };
}
