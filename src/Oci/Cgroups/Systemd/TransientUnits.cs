using CriRuntime.Linux.Systemd;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>
/// What systemd is told of our units. The device program is ours alone: systemd gets no device policy, so it attaches none of its own, and it never
/// takes others' away. Delegate is what gives us the right to write into a scope's cgroup and to make others below.
/// </summary>
public static class TransientUnits
{
    public const string ScopeSuffix = ".scope";

    /// <summary>The unit whose cgroup this is; null for a cgroup that is no unit's.</summary>
    public static string? UnitOf(string cgroupPath)
    {
        string name = cgroupPath[(cgroupPath.LastIndexOf('/') + 1)..];
        return name.EndsWith(ScopeSuffix, StringComparison.Ordinal) || name.EndsWith(SliceName.Suffix, StringComparison.Ordinal) ? SliceName.Unescape(name) : null;
    }

    /// <summary>The properties of a scope around a process that lives, in its cgroup or elsewhere.</summary>
    /// <param name="slice">Above it.</param>
    /// <param name="description">For people.</param>
    /// <param name="pid">In the host's pid namespace.</param>
    /// <param name="limits">From <see cref="UnitLimits"/>.</param>
    public static IReadOnlyList<UnitProperty> Scope(string slice, string description, int pid, IReadOnlyList<UnitProperty> limits)
    {
        List<UnitProperty> properties =
        [
            new UnitProperty.Text("Description", description),
            new UnitProperty.Text("Slice", slice),
            new UnitProperty.Processes("PIDs", [(uint)pid]),
            new UnitProperty.Flag("Delegate", true),
            // A shutdown must not end containers before the kubelet, nor wait for them.
            new UnitProperty.Flag("DefaultDependencies", false),
            // One that failed (a killed container) is collected like one that ended: its name is free again.
            new UnitProperty.Text("CollectMode", "inactive-or-failed"),
            .. Accounting,
            .. limits,
        ];
        // Without a word systemd gives every scope a share of the system's tasks (DefaultTasksMax).
        if (!properties.Exists(property => property.Name == "TasksMax"))
            properties.Add(new UnitProperty.Number("TasksMax", ulong.MaxValue));
        return properties;
    }

    /// <summary>The properties of a slice. Which slices are above it is in its name.</summary>
    public static IReadOnlyList<UnitProperty> Slice(string description) =>
    [
        new UnitProperty.Text("Description", description),
        new UnitProperty.Flag("DefaultDependencies", false),
        .. Accounting,
    ];

    /// <summary>The controllers that the cgroup is to have.</summary>
    private static UnitProperty[] Accounting =>
    [
        new UnitProperty.Flag("CPUAccounting", true),
        new UnitProperty.Flag("MemoryAccounting", true),
        new UnitProperty.Flag("IOAccounting", true),
        new UnitProperty.Flag("TasksAccounting", true),
    ];
}
