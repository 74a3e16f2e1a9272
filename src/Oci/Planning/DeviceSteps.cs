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
                Bind(container, device);
            else
                Make(container, device);
        }
        foreach ((string path, string content) in Links)
            container.Writer.Child(new(StepKind.MakeSymlink, $"link /{path}") { Base = container.Root, Text = content, Text2 = path });
    }

    private static LinuxDevice Default(string path, long major, long minor) =>
        new() { Path = path, Type = "c", Major = major, Minor = minor, FileMode = AnyoneReadsAndWrites, Uid = 0, Gid = 0 };

    private static void Make(ContainerPlan container, LinuxDevice device)
    {
        int type = device.Type switch
        {
            "b" => S_IFBLK,
            "p" => S_IFIFO,
            _ => S_IFCHR,
        };
        container.Writer.Child(new(StepKind.MakeNode, $"make device {device.Path}")
        {
            Base = container.Root,
            Text = MountSteps.InRoot(device.Path),
            Number = type | (int)((device.FileMode ?? AnyoneReadsAndWrites) & 0xfff),
            Value = device.Type == "p" ? 0 : Device(device.Major, device.Minor),
            Value2 = (device.Uid ?? 0) | ((ulong)(device.Gid ?? 0) << 32),
        });
    }

    /// <summary>mknod(2) is not for user namespaces: the host's node is bound instead, after a look at what it is.</summary>
    private static void Bind(ContainerPlan container, LinuxDevice device)
    {
        PlanWriter plan = container.Writer;
        string label = $"bind device {device.Path}";
        int tree = plan.NewSlot();
        plan.Child(new(StepKind.OpenTree, label) { Slot = tree, Text = device.Path, Number = OPEN_TREE_CLONE });
        if (device.Type is "c" or "u")
            plan.Child(new(StepKind.VerifyDevice, label) { Slot = tree, Value = Device(device.Major, device.Minor) });
        MountSteps.Attach(plan, container.Root, label, tree, device.Path, likeSlot: tree);
    }
}
