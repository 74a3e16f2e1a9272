using System.Globalization;
using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>This node's block devices by patterns of their paths. Links are followed. Partitions don't count: the kernel schedules and throttles whole devices alone.</summary>
/// <param name="root">In front of <c>/dev</c>.</param>
/// <param name="sys">Where sysfs is.</param>
/// <param name="describe">The device at a path; null: there is none.</param>
internal sealed class NodeBlockDevices(string root, string sys, Func<string, LinuxDevice?> describe)
{
    internal static NodeBlockDevices Real { get; } = new("", "/sys", static path => HostDevices.Describe(path, path));

    /// <param name="pattern">Of one path or many.</param>
    /// <param name="warn">Gets a line for a pattern that yields nothing, and for a path that is no whole block device though it is named in full.</param>
    internal IReadOnlySet<BlockDevice> Find(DevicePattern pattern, Action<string> warn)
    {
        HashSet<BlockDevice> devices = [];
        foreach (string path in pattern.Expand(root))
        {
            if (Lookup(path) is { } device)
                devices.Add(device);
        }

        if (devices.Count == 0)
            warn($"{pattern} is no whole block device of this node, and is passed over");
        return devices;
    }

    private BlockDevice? Lookup(string path)
    {
        if (describe(Target(path)) is not { Type: "b" } node)
            return null;
        string numbers = string.Create(CultureInfo.InvariantCulture, $"{node.Major}:{node.Minor}");
        return File.Exists($"{sys}/dev/block/{numbers}/partition") ? null : new BlockDevice(node.Major, node.Minor);
    }

    /// <summary>A link that leads nowhere, or in a circle, is no device.</summary>
    private static string Target(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}

internal readonly record struct BlockDevice(long Major, long Minor);
