using CriRuntime.Nri.Merging;
using CriRuntime.Oci.Specs;
using Google.Protobuf.Collections;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>The Linux part of a spec as plugins want it, but for resources.</summary>
internal static class LinuxAdjustment
{
    internal static LinuxSection Apply(LinuxSection linux, Api.LinuxContainerAdjustment wanted)
    {
        linux = AdjustDevices(linux, wanted.Devices);
        return linux with
        {
            Namespaces = Namespaces(linux.Namespaces, wanted.Namespaces),
            Sysctl = AdjustedMap.Of(linux.Sysctl, wanted.Sysctl),
            NetDevices = NetDevices(linux.NetDevices, wanted.NetDevices),
            Seccomp = wanted.SeccompPolicy is { } policy ? SeccompMessages.Read(policy) : linux.Seccomp,
            IntelRdt = wanted.Rdt is { } rdt ? Read(rdt, linux.IntelRdt) : linux.IntelRdt,
            CgroupsPath = wanted.CgroupsPath.Length > 0 ? wanted.CgroupsPath : linux.CgroupsPath,
        };
    }

    /// <summary>A device that is added may be used, too.</summary>
    private static LinuxSection AdjustDevices(LinuxSection linux, RepeatedField<Api.LinuxDevice> wanted)
    {
        if (wanted.Count == 0)
            return linux;
        List<LinuxDevice> devices = [.. linux.Devices];
        LinuxResources resources = linux.Resources ?? new LinuxResources();
        List<DeviceRule> rules = [.. resources.Devices];
        foreach (Api.LinuxDevice device in wanted)
        {
            (string path, bool removed) = Removal.Read(device.Path);
            devices.RemoveAll(former => former.Path == path);
            if (removed)
                continue;
            devices.Add(Read(device));
            if (device.Type is "c" or "u" or "b")
                rules.Add(new DeviceRule { Allow = true, Type = device.Type == "b" ? "b" : "c", Major = device.Major, Minor = device.Minor, Access = "rwm" });
        }

        return linux with { Devices = devices, Resources = resources with { Devices = rules } };
    }

    private static LinuxDevice Read(Api.LinuxDevice device) => new()
    {
        Path = device.Path,
        Type = device.Type,
        Major = device.Major,
        Minor = device.Minor,
        FileMode = device.FileMode?.Value,
        Uid = device.Uid?.Value,
        Gid = device.Gid?.Value,
    };

    private static IReadOnlyList<LinuxNamespace> Namespaces(IReadOnlyList<LinuxNamespace> namespaces, RepeatedField<Api.LinuxNamespace> wanted)
    {
        if (wanted.Count == 0)
            return namespaces;
        List<LinuxNamespace> adjusted = [.. namespaces];
        foreach (Api.LinuxNamespace ns in wanted)
        {
            (string type, bool removed) = Removal.Read(ns.Type);
            adjusted.RemoveAll(former => former.Type == type);
            if (!removed)
                adjusted.Add(new LinuxNamespace { Type = type, Path = ns.Path.Length > 0 ? ns.Path : null });
        }

        return adjusted;
    }

    private static IReadOnlyDictionary<string, LinuxNetDevice> NetDevices(
        IReadOnlyDictionary<string, LinuxNetDevice> devices, MapField<string, Api.LinuxNetDevice> wanted)
    {
        if (wanted.Count == 0)
            return devices;
        Dictionary<string, LinuxNetDevice> adjusted = new(devices, StringComparer.Ordinal);
        foreach ((string key, Api.LinuxNetDevice device) in wanted)
        {
            (string host, bool removed) = Removal.Read(key);
            if (!removed)
                adjusted[host] = new LinuxNetDevice { Name = device.Name.Length > 0 ? device.Name : null };
            else if (!wanted.ContainsKey(host))
                adjusted.Remove(host);
        }

        return adjusted;
    }

    private static IntelRdt? Read(Api.LinuxRdt wanted, IntelRdt? former)
    {
        if (wanted.Remove)
            return null;
        IntelRdt rdt = former ?? new IntelRdt();
        return rdt with
        {
            ClosId = wanted.ClosId?.Value ?? rdt.ClosId,
            Schemata = wanted.Schemata is { } schemata ? [.. schemata.Value] : rdt.Schemata,
            EnableMonitoring = wanted.EnableMonitoring?.Value ?? rdt.EnableMonitoring,
        };
    }
}
