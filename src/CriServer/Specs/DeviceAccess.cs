using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>The device cgroup's rules: nothing, but making nodes, the devices that every container has, and those asked for.</summary>
public static class DeviceAccess
{
    private static readonly DeviceRule[] Default =
    [
        new() { Allow = false, Access = "rwm" },
        new() { Allow = true, Type = "c", Access = "m" },
        new() { Allow = true, Type = "b", Access = "m" },
        Character(1, 3), // null
        Character(1, 5), // zero
        Character(1, 7), // full
        Character(1, 8), // random
        Character(1, 9), // urandom
        Character(5, 0), // tty
        Character(5, 1), // console
        Character(5, 2), // ptmx
        Character(136, null), // pts
    ];

    public static IReadOnlyList<DeviceRule> Rules(bool privileged, IReadOnlyList<ResolvedDevice> devices) => privileged
        ? [new DeviceRule { Allow = true, Access = "rwm" }]
        : [.. Default, .. devices.Select(Rule)];

    private static DeviceRule Rule(ResolvedDevice device) => new()
    {
        Allow = true,
        Type = device.Node.Type,
        Major = device.Node.Major,
        Minor = device.Node.Minor,
        Access = device.Permissions.Length > 0 ? device.Permissions : "rwm",
    };

    private static DeviceRule Character(long major, long? minor) =>
        new() { Allow = true, Type = "c", Major = major, Minor = minor, Access = "rwm" };
}

/// <summary>A device of the host and what a container may do with it.</summary>
/// <param name="Permissions">Of <c>r</c>, <c>w</c> and <c>m</c>; empty: all.</param>
public sealed record ResolvedDevice(LinuxDevice Node, string Permissions);
