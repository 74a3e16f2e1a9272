namespace CriRuntime.CriServer.State;

/// <summary>
/// Where state lies.
/// <code>
/// run/pods/ID/pod.json             the pod; its presence is the intent to have one
///            /containers/CID.json  its containers
///            /specs/CID.json       their OCI specs
///            /ns/{net,ipc,uts,pid} pinned namespaces (bind mounts)
///            /exits/CID            exit records, written by the monitor
///            /shm                  the pod's /dev/shm (tmpfs)
///            /resolv.conf hosts hostname
///            /rootfs               mount point that each container covers in its own mount namespace
/// root/owed/ID.json                what a reboot must still know: the CNI DEL owed, and the pod to report as gone
/// </code>
/// </summary>
/// <param name="root">Absolute; survives a reboot.</param>
/// <param name="run">Absolute; does not.</param>
public sealed class StateDirectories(string root, string run)
{
    public string Pods { get; } = Path.Join(run, "pods");

    public string Owed { get; } = Path.Join(root, "owed");

    /// <summary>State files that could not be read are moved here, for a person to look at.</summary>
    public string Quarantine { get; } = Path.Join(root, "quarantine");

    public string Pod(string podId) => Path.Join(Pods, podId);

    public string PodFile(string podId) => Path.Join(Pod(podId), "pod.json");

    public string Containers(string podId) => Path.Join(Pod(podId), "containers");

    public string ContainerFile(string podId, string containerId) => Path.Join(Containers(podId), containerId + ".json");

    /// <summary>The OCI spec that a container was made from.</summary>
    public string SpecFile(string podId, string containerId) => Path.Join(Specs(podId), containerId + ".json");

    /// <summary>The OCI bundle of a container that has hooks.</summary>
    public string Bundle(string podId, string containerId) => Path.Join(Pod(podId), "bundles", containerId);

    public string Specs(string podId) => Path.Join(Pod(podId), "specs");

    public string Namespaces(string podId) => Path.Join(Pod(podId), "ns");

    /// <param name="kind"><c>net</c>, <c>ipc</c>, <c>uts</c>, <c>user</c> or <c>pid</c>.</param>
    public string Namespace(string podId, string kind) => Path.Join(Namespaces(podId), kind);

    public string Exits(string podId) => Path.Join(Pod(podId), "exits");

    public string ExitRecord(string podId, string containerId) => Path.Join(Exits(podId), containerId);

    public string Shm(string podId) => Path.Join(Pod(podId), "shm");

    public string ResolvConf(string podId) => Path.Join(Pod(podId), "resolv.conf");

    public string Hosts(string podId) => Path.Join(Pod(podId), "hosts");

    public string Hostname(string podId) => Path.Join(Pod(podId), "hostname");

    public string RootfsMountPoint(string podId) => Path.Join(Pod(podId), "rootfs");

    public string OwedFile(string podId) => Path.Join(Owed, podId + ".json");

    /// <summary>Makes the directories that every pod needs, readable by root alone. Older ones may be wider (CVE-2024-25621).</summary>
    public void Prepare()
    {
        foreach (string directory in (string[])[root, run, Pods, Owed])
            CreatePrivate(directory);
    }

    /// <summary>Makes one directory (and its parents) with mode 0700; an existing one is narrowed to it.</summary>
    public static void CreatePrivate(string directory)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(directory, Private);
        File.SetUnixFileMode(directory, Private);
    }
}
