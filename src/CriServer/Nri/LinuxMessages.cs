using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>What of a container is Linux's own, as plugins see it.</summary>
public static class LinuxMessages
{
    public static Api.LinuxContainer Describe(Container container, Spec spec)
    {
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        Api.LinuxContainer message = new()
        {
            CgroupsPath = container.CgroupPath,
            OomScoreAdj = spec.Process?.OomScoreAdj is { } score ? new Api.OptionalInt { Value = score } : null,
            Resources = ResourceMessages.Describe(linux.Resources ?? new LinuxResources()),
            SeccompProfile = Describe(container.Config.Security.Seccomp),
            SeccompPolicy = linux.Seccomp is { } seccomp ? SeccompMessages.Describe(seccomp) : null,
            IoPriority = spec.Process?.IoPriority is { } priority ? SchedulingMessages.Describe(priority) : null,
            Scheduler = spec.Process?.Scheduler is { } scheduler ? SchedulingMessages.Describe(scheduler) : null,
            Rdt = linux.IntelRdt is { } rdt ? Describe(rdt) : null,
        };
        message.Resources.BlockioClass = Optional(container.BlockIoClass);
        message.Resources.RdtClass = Optional(container.RdtClass);
        foreach (LinuxNamespace ns in linux.Namespaces)
            message.Namespaces.Add(new Api.LinuxNamespace { Type = ns.Type, Path = ns.Path ?? "" });
        foreach (LinuxDevice device in linux.Devices)
            message.Devices.Add(Describe(device));
        foreach ((string name, string value) in linux.Sysctl)
            message.Sysctl[name] = value;
        foreach ((string host, LinuxNetDevice device) in linux.NetDevices)
            message.NetDevices[host] = new Api.LinuxNetDevice { Name = device.Name ?? "" };
        return message;
    }

    private static Api.OptionalString? Optional(string? text) => text is null ? null : new Api.OptionalString { Value = text };

    private static Api.LinuxRdt Describe(IntelRdt rdt)
    {
        Api.OptionalRepeatedString schemata = new();
        schemata.Value.Add(rdt.Schemata);
        return new Api.LinuxRdt { ClosId = Optional(rdt.ClosId), Schemata = schemata, EnableMonitoring = new Api.OptionalBool { Value = rdt.EnableMonitoring } };
    }

    private static Api.SecurityProfile Describe(SecurityProfile? profile) => new()
    {
        ProfileType = profile?.Kind switch
        {
            SecurityProfileKind.RuntimeDefault => Api.SecurityProfile.Types.ProfileType.RuntimeDefault,
            SecurityProfileKind.Localhost => Api.SecurityProfile.Types.ProfileType.Localhost,
            _ => Api.SecurityProfile.Types.ProfileType.Unconfined,
        },
        LocalhostRef = profile?.LocalhostRef ?? "",
    };

    private static Api.LinuxDevice Describe(LinuxDevice device) => new()
    {
        Path = device.Path,
        Type = device.Type,
        Major = device.Major,
        Minor = device.Minor,
        FileMode = device.FileMode is { } mode ? new Api.OptionalFileMode { Value = mode } : null,
        Uid = device.Uid is { } uid ? new Api.OptionalUInt32 { Value = uid } : null,
        Gid = device.Gid is { } gid ? new Api.OptionalUInt32 { Value = gid } : null,
    };
}
