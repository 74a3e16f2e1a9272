using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>Pod sandboxes between the CRI's messages and the domain.</summary>
internal static class SandboxTranslation
{
    /// <exception cref="CriException">InvalidArgument when a message that must be there is missing.</exception>
    public static PodSandboxConfig ToDomain(this Cri.PodSandboxConfig? config)
    {
        if (config is null)
            throw CriException.InvalidArgument("config is missing");
        if (config.Metadata is not { } metadata)
            throw CriException.InvalidArgument("config.metadata is missing");
        Cri.LinuxPodSandboxConfig linux = config.Linux ?? new Cri.LinuxPodSandboxConfig();
        return new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata(metadata.Name, metadata.Namespace, metadata.Uid, metadata.Attempt),
            Hostname = config.Hostname,
            LogDirectory = config.LogDirectory,
            Dns = config.DnsConfig is { } dns ? new DnsConfig([.. dns.Servers], [.. dns.Searches], [.. dns.Options]) : null,
            PortMappings = [.. config.PortMappings.Select(ToDomain)],
            Labels = config.Labels.ToDomain(),
            Annotations = config.Annotations.ToDomain(),
            CgroupParent = linux.CgroupParent,
            Sysctls = linux.Sysctls.ToDomain(),
            Namespaces = linux.SecurityContext?.NamespaceOptions.ToDomain() ?? NamespaceTranslation.ToDomain(null),
            Privileged = linux.SecurityContext?.Privileged ?? false,
            SelinuxOptions = linux.SecurityContext?.SelinuxOptions.ToDomain(),
            Resources = linux.Resources?.ToDomain(),
            Overhead = linux.Overhead?.ToDomain(),
        };
    }

    public static Cri.PodSandbox ToListItem(this PodSandbox pod) => new()
    {
        Id = pod.Id,
        Metadata = pod.Config.Metadata.ToCri(),
        State = State(pod),
        CreatedAt = pod.CreatedAt,
        Labels = { pod.Config.Labels },
        Annotations = { pod.Config.Annotations },
        RuntimeHandler = pod.RuntimeHandler,
    };

    public static Cri.PodSandboxStatus ToStatus(this PodSandbox pod)
    {
        Cri.PodSandboxStatus status = new()
        {
            Id = pod.Id,
            Metadata = pod.Config.Metadata.ToCri(),
            State = State(pod),
            CreatedAt = pod.CreatedAt,
            Network = new Cri.PodSandboxNetworkStatus(),
            Linux = new Cri.LinuxPodSandboxStatus { Namespaces = new Cri.Namespace { Options = pod.Config.Namespaces.ToCri() } },
            Labels = { pod.Config.Labels },
            Annotations = { pod.Config.Annotations },
            RuntimeHandler = pod.RuntimeHandler,
        };
        IReadOnlyList<string> ips = pod.Network.Ips;
        if (ips.Count > 0)
        {
            status.Network.Ip = ips[0];
            status.Network.AdditionalIps.Add(ips.Skip(1).Select(ip => new Cri.PodIP { Ip = ip }));
        }

        return status;
    }

    public static Cri.PodSandboxMetadata ToCri(this PodSandboxMetadata metadata) => new()
    {
        Name = metadata.Name,
        Namespace = metadata.Namespace,
        Uid = metadata.Uid,
        Attempt = metadata.Attempt,
    };

    /// <summary>Whether a client may see the pod: one that is still being made does not exist for it.</summary>
    public static bool IsVisible(this PodSandbox pod) => pod.Phase != SandboxPhase.Creating;

    public static bool Matches(this PodSandbox pod, Cri.PodSandboxFilter? filter) =>
        pod.IsVisible()
        && (filter is null
            || (pod.Id.StartsWith(filter.Id, StringComparison.Ordinal)
                && (filter.State is not { } state || state.State == State(pod))
                && filter.LabelSelector.Matches(pod.Config.Labels)));

    private static Cri.PodSandboxState State(PodSandbox pod) =>
        pod.IsReady ? Cri.PodSandboxState.SandboxReady : Cri.PodSandboxState.SandboxNotready;

    private static PortMapping ToDomain(Cri.PortMapping mapping)
    {
        string protocol = mapping.Protocol switch
        {
            Cri.Protocol.Tcp => "tcp",
            Cri.Protocol.Udp => "udp",
            Cri.Protocol.Sctp => "sctp",
            _ => throw CriException.InvalidArgument($"config.port_mappings: protocol {(int)mapping.Protocol} is none that the CRI knows"),
        };
        return new PortMapping(protocol, mapping.ContainerPort, mapping.HostPort, mapping.HostIp);
    }
}
