using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>What the client asked for: the CRI's PodSandboxConfig in the domain's terms, as it arrived. Maps are sorted by key, so that equal requests look equal.</summary>
public sealed record PodSandboxConfig
{
    public required PodSandboxMetadata Metadata { get; init; }

    /// <summary>Empty with host networking, where the node's name is used.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Host directory below which containers' log files lie; empty for none.</summary>
    public string LogDirectory { get; init; } = "";

    /// <summary>Null: the node's resolv.conf is copied.</summary>
    public DnsConfig? Dns { get; init; }

    public IReadOnlyList<PortMapping> PortMappings { get; init; } = [];

    public SortedDictionary<string, string> Labels { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Annotations { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A cgroupfs path such as <c>/kubepods/burstable/podUID</c>; empty: the default parent.</summary>
    public string CgroupParent { get; init; } = "";

    public SortedDictionary<string, string> Sysctls { get; init; } = new(StringComparer.Ordinal);

    public NamespaceOptions Namespaces { get; init; } = new();

    public bool Privileged { get; init; }

    /// <summary>Null: labels as the policy has them.</summary>
    public SelinuxOptions? SelinuxOptions { get; init; }

    /// <summary>The sum of the pod's limits and the runtime class's overhead: reported, and not applied by the runtime (the kubelet owns the pod's cgroup).</summary>
    public ContainerResources? Resources { get; init; }

    public ContainerResources? Overhead { get; init; }
}

/// <summary>A pod's identity as the kubelet sees it. <paramref name="Attempt"/> grows with each sandbox made for the same pod.</summary>
public sealed record PodSandboxMetadata(string Name, string Namespace, string Uid, uint Attempt)
{
    /// <summary>What may exist once. No part has a slash in it.</summary>
    public string Key => $"{Namespace}/{Name}/{Uid}/{Attempt}";

    public override string ToString() => $"{Namespace}/{Name} (uid {Uid}, attempt {Attempt})";
}

public sealed record DnsConfig(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options);

/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>, as CNI's portMappings capability wants it.</param>
/// <param name="HostPort">0: the port is not published.</param>
public sealed record PortMapping(string Protocol, int ContainerPort, int HostPort, string HostIp);

/// <summary>The CRI's NamespaceMode, with its numbers.</summary>
public enum NamespaceMode
{
    Pod = 0,
    Container = 1,
    Node = 2,
    Target = 3,
}

public sealed record NamespaceOptions
{
    public NamespaceMode Network { get; init; }

    public NamespaceMode Pid { get; init; } = NamespaceMode.Container;

    public NamespaceMode Ipc { get; init; }

    /// <summary>The container whose pid namespace is joined when <see cref="Pid"/> is <see cref="NamespaceMode.Target"/>.</summary>
    public string TargetId { get; init; } = "";

    /// <summary>Null: the node's, as with mode NODE.</summary>
    public UserNamespaceOptions? UserNamespace { get; init; }

    /// <summary>The pod's own user namespace; null where it uses the node's.</summary>
    public UserNamespaceOptions? OwnUserNamespace => UserNamespace is { Mode: NamespaceMode.Pod } own ? own : null;
}

/// <summary>The CRI's UserNamespace, as it arrived.</summary>
public sealed record UserNamespaceOptions(NamespaceMode Mode, IReadOnlyList<IdRange> Uids, IReadOnlyList<IdRange> Gids)
{
    /// <summary>The id on the host of a user of the pod; null where it is not mapped.</summary>
    public uint? HostUser(uint id) => IdRange.ToHost(Uids, id);

    /// <inheritdoc cref="HostUser"/>
    public uint? HostGroup(uint id) => IdRange.ToHost(Gids, id);
}

/// <summary>The CRI's IDMapping: <paramref name="Length"/> ids.</summary>
public sealed record IdRange(uint ContainerId, uint HostId, uint Length)
{
    public static uint? ToHost(IReadOnlyList<IdRange> ranges, uint id)
    {
        foreach (IdRange range in ranges)
        {
            if (id >= range.ContainerId && id - range.ContainerId < range.Length)
                return range.HostId + (id - range.ContainerId);
        }

        return null;
    }
}
