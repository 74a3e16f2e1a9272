using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>The namespaces that the containers of a pod share, made once and pinned by bind mounts of their files.</summary>
public sealed record SandboxNamespaces
{
    /// <summary>For messages.</summary>
    public required string PodId { get; init; }

    /// <summary>
    /// Where the pins go: an absolute directory, made with mode 0700 if it is missing. Each namespace is pinned as a file <c>net</c>, <c>ipc</c>,
    /// <c>uts</c>, <c>user</c> or <c>pid</c>.
    /// </summary>
    public required string PinDirectory { get; init; }

    public required HostFacts Host { get; init; }

    /// <summary>A new network namespace, with lo up.</summary>
    public bool Network { get; init; }

    public bool Ipc { get; init; }

    public bool Uts { get; init; }

    /// <summary>A new pid namespace that all containers share. The sandbox's process stays as its first process and reaps orphans until SIGTERM.</summary>
    public bool Pid { get; init; }

    /// <summary>Not empty: a new user namespace with these ids, which owns the other ones.</summary>
    public IReadOnlyList<IdMapping> UidMappings { get; init; } = [];

    public IReadOnlyList<IdMapping> GidMappings { get; init; } = [];

    /// <summary>The SELinux context of the empty root that the process of a shared pid namespace stays in; null for none.</summary>
    public string? MountLabel { get; init; }

    /// <summary>Needs <see cref="Uts"/>.</summary>
    public string? Hostname { get; init; }

    /// <inheritdoc cref="PlanOptions.Timed"/>
    public bool Timed { get; init; }

    /// <summary>Kernel parameters of the namespaces that are made here (net.*, kernel.shm*, fs.mqueue.*, ...).</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
}
