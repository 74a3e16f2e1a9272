namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>A container's scope, as the systemd cgroup driver names it: <c>slice:prefix:name</c> is <c>prefix-name.scope</c> in that slice.</summary>
/// <param name="Slice">The slice above it, a unit's name.</param>
/// <param name="Unit">The scope, a unit's name.</param>
public sealed record ScopeName(string Slice, string Unit)
{
    /// <summary>Where runc puts containers that name no slice.</summary>
    private const string DefaultSlice = "system.slice";

    private const int Longest = 255; // UNIT_NAME_MAX of systemd, without the final NUL

    /// <summary>The scope's cgroup below the hierarchy's mount point.</summary>
    public string CgroupPath => $"{SliceName.Expand(Slice).TrimEnd('/')}/{SliceName.Escape(Unit)}";

    /// <summary>What linux.cgroupsPath says to the systemd driver. An empty slice is <c>system.slice</c>; without a prefix the scope is <c>name.scope</c>.</summary>
    /// <exception cref="CgroupException">It has another form, such as a path, or names no unit.</exception>
    public static ScopeName Parse(string cgroupsPath)
    {
        if (cgroupsPath.Split(':') is not [string slice, string prefix, string name])
            throw Refusal(cgroupsPath, "has not the form slice:prefix:name of the systemd cgroup driver; for a path leave --systemd-cgroup out");
        if (name.Length == 0)
            throw Refusal(cgroupsPath, "names no scope: after the second colon there must be a name");
        if (name.EndsWith(SliceName.Suffix, StringComparison.Ordinal))
            throw Refusal(cgroupsPath, "names a slice where the scope's name has to be: a container is a scope");
        string unit = (prefix.Length == 0 ? name : $"{prefix}-{name}") + TransientUnits.ScopeSuffix;
        if (unit.Length > Longest || !unit.All(SliceName.IsAllowed))
            throw Refusal(cgroupsPath, $"gives no name of a unit: that has at most {Longest} characters, letters, digits and - _ . : \\");
        if (slice.Length == 0)
            slice = DefaultSlice;
        try
        {
            SliceName.Expand(slice);
        }
        catch (CgroupException e)
        {
            throw Refusal(cgroupsPath, "names no slice: " + e.Message);
        }
        return new ScopeName(slice, unit);
    }

    private static CgroupException Refusal(string path, string problem) => new($"linux.cgroupsPath \"{(path.Length <= 300 ? path : path[..300] + "...")}\" {problem}");
}
