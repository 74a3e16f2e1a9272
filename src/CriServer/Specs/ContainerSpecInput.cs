using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Everything a container's spec is made of. What had to be looked up on the host has been.</summary>
public sealed record ContainerSpecInput
{
    public required ContainerConfig Container { get; init; }

    public required PodSandbox Pod { get; init; }

    public required ContainerImage Image { get; init; }

    public required ResolvedUser User { get; init; }

    public required PodPaths Paths { get; init; }

    public required NodeFacts Node { get; init; }

    public required string CgroupPath { get; init; }

    /// <summary>Null: unconfined.</summary>
    public Seccomp? Seccomp { get; init; }

    public LsmContext Lsm { get; init; } = LsmContext.None;

    /// <summary>The requested devices, or all of the host's for a privileged container.</summary>
    public IReadOnlyList<ResolvedDevice> Devices { get; init; } = [];

    /// <summary>The layers of the images that are volumes, top first, by the image's name in the request.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ImageVolumes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Set when the container joins another's pid namespace.</summary>
    public string? TargetPidNamespace { get; init; }
}

/// <summary>The files of one pod that its containers use.</summary>
public sealed record PodPaths(StateDirectories Directories, string PodId)
{
    public string ResolvConf => Directories.ResolvConf(PodId);

    public string Hosts => Directories.Hosts(PodId);

    public string Hostname => Directories.Hostname(PodId);

    public string Shm => Directories.Shm(PodId);

    public string Namespace(string kind) => Directories.Namespace(PodId, kind);
}
