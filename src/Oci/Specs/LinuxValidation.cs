using System.Globalization;

namespace CriRuntime.Oci.Specs;

/// <summary>Checks of the <c>linux</c> object.</summary>
internal static class LinuxValidation
{
    internal static void Check(LinuxSection linux)
    {
        CheckNamespaces(linux);
        CheckMappings(linux.UidMappings, "linux.uidMappings");
        CheckMappings(linux.GidMappings, "linux.gidMappings");
        for (int i = 0; i < linux.Devices.Count; i++)
            CheckDevice(linux.Devices[i], $"linux.devices[{i}]");
        CheckPaths(linux.MaskedPaths, "linux.maskedPaths");
        CheckPaths(linux.ReadonlyPaths, "linux.readonlyPaths");
        CheckSysctls(linux);
        CheckPropagation(linux.RootfsPropagation);
        CheckTimeOffsets(linux);
        Text.RequireNoNul(linux.CgroupsPath, "linux.cgroupsPath");
        if (linux.Personality is { Domain: not ("LINUX" or "LINUX32") } personality)
            throw new SpecException("linux.personality.domain", $"\"{personality.Domain}\" is neither LINUX nor LINUX32");
        if (linux.MemoryPolicy is { } policy)
        {
            _ = MemoryPolicyModes.NumberOf(policy);
            _ = NodeMask.Parse(policy.Nodes, "linux.memoryPolicy.nodes");
        }

        if (linux.NetDevices.Count > 0)
            throw new SpecException("linux.netDevices", "is not supported: network plugins bring devices into the namespace");
        if (linux.IntelRdt is not null)
            RdtValidation.Check(linux.IntelRdt);
        if (linux.Resources is not null)
            ResourceValidation.Check(linux.Resources, "linux.resources");
    }

    internal static void CheckMappings(IReadOnlyList<IdMapping> mappings, string field)
    {
        // user_namespaces(7): the kernel takes 340 lines.
        if (mappings.Count > 340)
            throw new SpecException(field, "has more than 340 ranges");
        for (int i = 0; i < mappings.Count; i++)
        {
            IdMapping m = mappings[i];
            if (m.Size == 0)
                throw new SpecException($"{field}[{i}].size", "must be above 0");
            if ((ulong)m.ContainerId + m.Size > uint.MaxValue || (ulong)m.HostId + m.Size > uint.MaxValue)
                throw new SpecException($"{field}[{i}].size", "the range exceeds the largest id");
        }
    }

    private static void CheckNamespaces(LinuxSection linux)
    {
        HashSet<string> seen = [];
        for (int i = 0; i < linux.Namespaces.Count; i++)
        {
            LinuxNamespace ns = linux.Namespaces[i];
            string field = $"linux.namespaces[{i}]";
            if (!LinuxNamespaceType.IsKnown(ns.Type))
                throw new SpecException(field + ".type", $"\"{ns.Type}\" is not a namespace type");
            if (!seen.Add(ns.Type))
                throw new SpecException(field + ".type", $"{ns.Type} is listed twice");
            if (!string.IsNullOrEmpty(ns.Path))
                Text.RequireAbsolute(ns.Path, field + ".path");
        }
        if (linux.UidMappings.Count + linux.GidMappings.Count > 0 && !seen.Contains(LinuxNamespaceType.User))
            throw new SpecException("linux.uidMappings", "id mappings need a user namespace in linux.namespaces");
    }

    private static void CheckDevice(LinuxDevice device, string field)
    {
        if (device.Type is not ("c" or "u" or "b" or "p"))
            throw new SpecException(field + ".type", $"\"{device.Type}\" is not c, u, b or p");
        Text.RequireAbsolute(device.Path, field + ".path");
        if (device.Major is < 0 or > 0xfff)
            throw new SpecException(field + ".major", $"{device.Major} is not in 0..4095");
        if (device.Minor is < 0 or > 0xfffff)
            throw new SpecException(field + ".minor", $"{device.Minor} is not in 0..1048575");
    }

    private static void CheckPaths(IReadOnlyList<string> paths, string field)
    {
        for (int i = 0; i < paths.Count; i++)
            Text.RequireAbsolute(paths[i], string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"));
    }

    private static void CheckSysctls(LinuxSection linux)
    {
        foreach ((string name, string value) in linux.Sysctl)
        {
            string field = $"linux.sysctl[{name}]";
            if (name.Length == 0 || name.Contains("..", StringComparison.Ordinal) || name[0] is '.' or '/')
                throw new SpecException(field, "is not a kernel parameter's name");
            Text.RequireNoNul(name, field);
            Text.RequireNoNul(value, field);
        }
    }

    private static void CheckPropagation(string? propagation)
    {
        if (propagation is not (null or "" or "private" or "rprivate" or "slave" or "rslave" or "shared" or "rshared" or "unbindable" or "runbindable"))
            throw new SpecException("linux.rootfsPropagation", $"\"{propagation}\" is not a propagation type");
    }

    private static void CheckTimeOffsets(LinuxSection linux)
    {
        foreach ((string clock, LinuxTimeOffset offset) in linux.TimeOffsets)
        {
            if (clock is not ("boottime" or "monotonic"))
                throw new SpecException($"linux.timeOffsets[{clock}]", "is neither boottime nor monotonic");
            if (offset.Nanosecs >= 1_000_000_000)
                throw new SpecException($"linux.timeOffsets[{clock}].nanosecs", "must be below one second");
        }
        if (linux.TimeOffsets.Count > 0 && !linux.Namespaces.Any(static n => n.Type == LinuxNamespaceType.Time && string.IsNullOrEmpty(n.Path)))
            throw new SpecException("linux.timeOffsets", "needs a new time namespace in linux.namespaces");
    }
}
