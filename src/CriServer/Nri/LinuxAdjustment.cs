using CriRuntime.Nri.Merging;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;
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
            Namespaces = AdjustedList.Of(linux.Namespaces, wanted.Namespaces, ns => ns.Type, ns => ns.Type, Read),
            Sysctl = AdjustedMap.Of(linux.Sysctl, wanted.Sysctl),
            NetDevices = NetDevices(linux.NetDevices, wanted.NetDevices),
            Seccomp = wanted.SeccompPolicy is { } policy ? SeccompMessages.Read(policy) : linux.Seccomp,
            IntelRdt = wanted.Rdt is { } rdt ? Read(rdt, linux.IntelRdt) : linux.IntelRdt,
            MemoryPolicy = wanted.MemoryPolicy is { } memory ? MemoryPolicyMessages.Read(memory) : linux.MemoryPolicy,
            CgroupsPath = wanted.CgroupsPath.Length > 0 ? wanted.CgroupsPath : linux.CgroupsPath,
        };
    }

    /// <summary>A device that is added may be used, too.</summary>
    private static LinuxSection AdjustDevices(LinuxSection linux, RepeatedField<Api.LinuxDevice> wanted)
    {
        foreach (Api.LinuxDevice device in wanted)
        {
            (string path, bool removed) = Removal.Read(device.Path);
            linux = removed ? SpecEdits.WithoutDevice(linux, path) : SpecEdits.WithDevice(linux, Read(device), "rwm");
        }

        return linux;
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

    private static LinuxNamespace Read(Api.LinuxNamespace ns) => new() { Type = ns.Type, Path = ns.Path.Length > 0 ? ns.Path : null };

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
