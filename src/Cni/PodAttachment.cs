namespace CriRuntime.Cni;

/// <summary>One pod's interface on the pod network, and what the pod asks of it.</summary>
public sealed record PodAttachment
{
    /// <summary>The sandbox's id: letters, digits, '_', '.', '-', starting with a letter or digit.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Path of the pod's network namespace. For DEL it may be empty or gone.</summary>
    public string NetnsPath { get; init; } = "";

    /// <summary>The interface's name in the pod, at most 15 characters.</summary>
    public string IfName { get; init; } = "eth0";

    public required string PodName { get; init; }

    public required string PodNamespace { get; init; }

    public required string PodUid { get; init; }

    /// <summary>Capability <c>portMappings</c>. Those without a host port are left out.</summary>
    public IReadOnlyList<PortMapping> PortMappings { get; init; } = [];

    /// <summary>Capability <c>bandwidth</c>.</summary>
    public BandwidthLimits? Bandwidth { get; init; }

    /// <summary>Capability <c>dns</c>.</summary>
    public DnsSettings? Dns { get; init; }

    /// <summary>Capability <c>ips</c>: addresses the pod asks for, with or without prefix length.</summary>
    public IReadOnlyList<string> Ips { get; init; } = [];

    /// <summary>Capability <c>mac</c>.</summary>
    public string? Mac { get; init; }

    /// <summary>Capability <c>aliases</c>: further names of the pod on this network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Capability <c>cgroupPath</c>.</summary>
    public string? CgroupPath { get; init; }

    /// <summary><c>namespace/name</c>, as messages call the pod.</summary>
    internal string Pod => $"{PodNamespace}/{PodName}";
}

/// <summary>A host port forwarded to the pod.</summary>
/// <param name="Protocol">tcp, udp or sctp, in lower case.</param>
/// <param name="HostIp">Host address to listen on; empty for all.</param>
public sealed record PortMapping(int HostPort, int ContainerPort, string Protocol = "tcp", string HostIp = "");

/// <summary>Traffic shaping. Rates in bits per second, bursts in bits; 0 leaves the direction unlimited.</summary>
public sealed record BandwidthLimits(long IngressRate, long IngressBurst, long EgressRate, long EgressBurst);

/// <summary>The pod's resolver configuration.</summary>
public sealed record DnsSettings(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options);
