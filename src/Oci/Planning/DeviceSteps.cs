using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The devices that every container has (config-linux.md, Default Devices), those of the specification, and the links in /dev.</summary>
internal static class DeviceSteps
{
    private const uint AnyoneReadsAndWrites = 0x1b6; // 0666

    private static readonly LinuxDevice[] Defaults =
    [
        Default("/dev/null", 1, 3),
        Default("/dev/zero", 1, 5),
        Default("/dev/full", 1, 7),
        Default("/dev/tty", 5, 0),
        Default("/dev/random", 1, 8),
        Default("/dev/urandom", 1, 9),
    ];

    private static readonly (string Path, string Content)[] Links =
    [
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
        ("dev/core", "/proc/kcore"),
        ("dev/ptmx", "pts/ptmx"),
    ];

    internal static void Add(ContainerPlan container)
    {
        // A /dev that is bound from the host is complete, and not to be changed.
        foreach (Mount mount in container.Spec.Mounts)
        {
            if (MountSteps.InRoot(mount.Destination) == "dev" && (mount.Type == "bind" || MountOptions.Parse(mount.Options).Bind))
                return;
        }
        Dictionary<string, LinuxDevice> devices = new(StringComparer.Ordinal);
        foreach (LinuxDevice device in Defaults)
            devices[device.Path] = device;
        foreach (LinuxDevice device in container.Linux.Devices)
            devices[device.Path] = device;
        foreach (LinuxDevice device in devices.Values)
        {
            if (container.Namespaces.HasUserNamespace)
                Stage(container, device);
            else
                Make(container, device);
        }
        foreach ((string path, string content) in Links)
            container.Writer.Child(new(StepKind.MakeSymlink, $"link /{path}") { Base = container.Root, Text = content, Text2 = path });
    }

    private static LinuxDevice Default(string path, long major, long minor) =>
        new() { Path = path, Type = "c", Major = major, Minor = minor, FileMode = AnyoneReadsAndWrites, Uid = 0, Gid = 0 };

    private static int TypeAndMode(LinuxDevice device)
    {
        int type = device.Type switch
        {
            "b" => S_IFBLK,
            "p" => S_IFIFO,
            _ => S_IFCHR,
        };
        return type | (int)((device.FileMode ?? AnyoneReadsAndWrites) & 0xfff);
    }

    private static ulong Number(LinuxDevice device) => device.Type == "p" ? 0 : Device(device.Major, device.Minor);

    private static ulong Owner(uint user, uint group) => user | ((ulong)group << 32);

    private static void Make(ContainerPlan container, LinuxDevice device) => container.Writer.Child(new(StepKind.MakeNode, $"make device {device.Path}")
    {
        Base = container.Root,
        Text = MountSteps.InRoot(device.Path),
        Number = TypeAndMode(device),
        Value = Number(device),
        Value2 = Owner(device.Uid ?? 0, device.Gid ?? 0),
    });

    /// <summary>
    /// mknod(2) is not for user namespaces. Owner and mode are the host's in either case: were the node the container's own, then its root could open any device that
    /// the cgroup allows, and to a privileged container it allows all.
    /// </summary>
    private static void Stage(ContainerPlan container, LinuxDevice device)
    {
        string label = $"make device {device.Path}";
        int tree = device.FileMode is null
            ? OpenOfHost(container.Writer, label, device)
            : container.Stage.MakeNode(label, TypeAndMode(device), Number(device), Owner(device.Uid ?? 0, device.Gid ?? 0));
        MountSteps.Attach(container.Writer, container.Root, label, tree, device.Path, likeSlot: tree);
    }

    /// <summary>The node that the host has at the path, after a look at what it is.</summary>
    private static int OpenOfHost(PlanWriter plan, string label, LinuxDevice device)
    {
        int tree = plan.NewSlot();
        plan.OnHost(new(StepKind.OpenTree, label) { Slot = tree, Text = device.Path, Number = OPEN_TREE_CLONE });
        if (device.Type is "c" or "u")
            plan.OnHost(new(StepKind.VerifyDevice, label) { Slot = tree, Value = Device(device.Major, device.Minor) });
        return tree;
    }
}
