using System.Collections.Immutable;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Devices;

/// <summary>The rules of a container: deny all, then the configuration's, then what every container may use.</summary>
public static class DeviceRules
{
    /// <summary>
    /// Appended to every container's rules, as runc does: mknod of anything, the default devices of the specification
    /// (config-linux.md, Default Devices), and the container's own pseudo-terminals.
    /// </summary>
    public static ImmutableArray<DeviceRule> Defaults { get; } =
    [
        new() { Allow = true, Type = "c", Access = "m" },
        new() { Allow = true, Type = "b", Access = "m" },
        Character(1, 3, "rwm"), // null
        Character(1, 5, "rwm"), // zero
        Character(1, 7, "rwm"), // full
        Character(1, 8, "rwm"), // random
        Character(1, 9, "rwm"), // urandom
        Character(5, 0, "rwm"), // tty
        Character(5, 2, "rwm"), // ptmx
        Character(136, null, "rwm"), // pts
    ];

    public static ImmutableArray<DeviceRule> WithDefaults(IReadOnlyList<DeviceRule> rules) => [.. rules, .. Defaults];

    /// <summary>True for a rule about every device and every access.</summary>
    internal static bool IsEverything(DeviceRule rule) =>
        rule.Type is null or "" or "a" && Number(rule.Major) == -1 && Number(rule.Minor) == -1 && Access(rule) == DeviceAccess.All;

    /// <summary>The types that a rule is about: both for "a".</summary>
    internal static IEnumerable<char> Types(DeviceRule rule) => rule.Type is null or "" or "a" ? "bc" : rule.Type;

    /// <summary>-1 for all.</summary>
    internal static long Number(long? number) => number ?? -1;

    /// <summary>No letters mean all of them (config-linux.md leaves it open; runc's and crun's default).</summary>
    internal static DeviceAccess Access(DeviceRule rule)
    {
        if (string.IsNullOrEmpty(rule.Access))
            return DeviceAccess.All;
        DeviceAccess access = DeviceAccess.None;
        foreach (char letter in rule.Access)
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.Mknod,
                _ => throw new CgroupException($"linux.resources.devices: access \"{rule.Access}\" has letters other than r, w and m"),
            };
        }
        return access;
    }

    private static DeviceRule Character(long major, long? minor, string access) =>
        new() { Allow = true, Type = "c", Major = major, Minor = minor, Access = access };
}
