using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Looks devices of the host up.</summary>
public static class HostDevices
{
    private static readonly string[] NotDevices = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"];

    /// <summary>The requested devices; for a privileged container all that the host's /dev has, too, unless its handler gives none.</summary>
    /// <exception cref="CriException">InvalidArgument naming a path that is no device.</exception>
    public static IReadOnlyList<ResolvedDevice> Resolve(ContainerConfig config, bool privilegedWithout = false)
    {
        List<ResolvedDevice> devices = [];
        if (config.Security.Privileged && !privilegedWithout)
            Collect("/dev", "/dev", "rwm", devices);
        foreach (ContainerDevice device in config.Devices)
            Add(device, devices);
        return devices;
    }

    private static void Add(ContainerDevice device, List<ResolvedDevice> devices)
    {
        string containerPath = device.ContainerPath.Length > 0 ? device.ContainerPath : device.HostPath;
        string hostPath = File.ResolveLinkTarget(device.HostPath, returnFinalTarget: true)?.FullName ?? device.HostPath;
        int before = devices.Count;
        if (Directory.Exists(hostPath))
            Collect(hostPath, containerPath, device.Permissions, devices);
        else if (Describe(hostPath, containerPath) is { } node)
            devices.Add(new ResolvedDevice(node, device.Permissions));
        if (devices.Count == before)
            throw CriException.InvalidArgument($"config.devices: {device.HostPath} is not a device of this node");
    }

    private static void Collect(string hostDirectory, string containerDirectory, string permissions, List<ResolvedDevice> devices)
    {
        foreach (FileSystemInfo entry in new DirectoryInfo(hostDirectory).EnumerateFileSystemInfos())
        {
            string containerPath = Path.Join(containerDirectory, entry.Name);
            if (entry.LinkTarget is not null || NotDevices.Contains(entry.Name) || containerPath == "/dev/console")
                continue;
            if (entry is DirectoryInfo)
                Collect(entry.FullName, containerPath, permissions, devices);
            else if (Describe(entry.FullName, containerPath) is { } node)
                devices.Add(new ResolvedDevice(node, permissions));
        }
    }

    /// <summary>The character or block device at a path of the host, as a node at a path in a container; null where there is none.</summary>
    public static LinuxDevice? Describe(string hostPath, string containerPath)
    {
        string? parent = Path.GetDirectoryName(hostPath);
        if (parent is null || !Directory.Exists(parent))
            return null;
        using DirectoryFd directory = DirectoryFd.Open(parent);
        return directory.TryStat(Encoding.UTF8.GetBytes(Path.GetFileName(hostPath))) switch
        {
            { Kind: FileKind.CharacterDevice } facts => Node("c", facts),
            { Kind: FileKind.BlockDevice } facts => Node("b", facts),
            _ => null,
        };

        LinuxDevice Node(string type, FileFacts facts) => new()
        {
            Type = type,
            Path = containerPath,
            Major = facts.DeviceMajor,
            Minor = facts.DeviceMinor,
            FileMode = facts.Permissions,
            Uid = facts.Uid,
            Gid = facts.Gid,
        };
    }
}
