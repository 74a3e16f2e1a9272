using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>The CRI's ContainerConfig in the domain's terms, as it arrived. Maps are sorted by key, so that equal requests look equal.</summary>
public sealed record ContainerConfig
{
    public required ContainerMetadata Metadata { get; init; }

    /// <summary>The image: an id, digest or tag known to the image store.</summary>
    public required string Image { get; init; }

    /// <summary>What the pod's author wrote, where the kubelet tells.</summary>
    public string UserSpecifiedImage { get; init; } = "";

    public SortedDictionary<string, string> ImageAnnotations { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Replaces the image's entrypoint (and its command) when not empty.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Replaces the image's command when not empty.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Replaces the image's working directory when not empty.</summary>
    public string WorkingDirectory { get; init; } = "";

    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];

    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    public IReadOnlyList<ContainerDevice> Devices { get; init; } = [];

    public IReadOnlyList<string> CdiDevices { get; init; } = [];

    public SortedDictionary<string, string> Labels { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Annotations { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Relative to the pod's log directory; empty: the output is dropped.</summary>
    public string LogPath { get; init; } = "";

    public bool Stdin { get; init; }

    public bool StdinOnce { get; init; }

    public bool Tty { get; init; }

    /// <summary>The CRI's Signal by name, e.g. <c>SIGUSR1</c>; empty: the image's choice.</summary>
    public string StopSignal { get; init; } = "";

    public ContainerResources Resources { get; init; } = new();

    public ContainerSecurity Security { get; init; } = new();
}

public sealed record ContainerMetadata(string Name, uint Attempt);

/// <param name="Value">Bytes: an environment is not text, and need not be UTF-8.</param>
public sealed record EnvironmentVariable(string Name, byte[] Value);

/// <summary>The CRI's MountPropagation, with its numbers.</summary>
public enum MountPropagation
{
    Private = 0,
    HostToContainer = 1,
    Bidirectional = 2,
}

public sealed record ContainerMount
{
    public required string ContainerPath { get; init; }

    public string HostPath { get; init; } = "";

    public bool ReadOnly { get; init; }

    public bool RecursiveReadOnly { get; init; }

    public bool SelinuxRelabel { get; init; }

    public MountPropagation Propagation { get; init; }

    /// <summary>Extra options of mount(8), e.g. <c>noexec</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>An image's content is mounted, and no host path; null otherwise.</summary>
    public ImageVolume? ImageVolume { get; init; }

    /// <summary>Whose the files of the mount seem to be: owner container_id on disk is host_id in the mount. Null: theirs.</summary>
    public MountIdMappings? IdMappings { get; init; }
}

public sealed record MountIdMappings(IReadOnlyList<IdRange> Uids, IReadOnlyList<IdRange> Gids);

/// <summary>An image as a volume, as the request names it.</summary>
/// <param name="Image">An id, digest or tag known to the image store.</param>
/// <param name="SubPath">The directory or file of it that is mounted, relative to its root; empty: all of it.</param>
/// <param name="UserSpecifiedImage">What the pod's author wrote, where the kubelet tells.</param>
public sealed record ImageVolume(string Image, string SubPath, string UserSpecifiedImage, SortedDictionary<string, string> Annotations);

/// <param name="Permissions">Of <c>r</c>, <c>w</c> and <c>m</c>.</param>
public sealed record ContainerDevice(string ContainerPath, string HostPath, string Permissions);

public sealed record ContainerSecurity
{
    public bool Privileged { get; init; }

    public NamespaceOptions Namespaces { get; init; } = new();

    public IReadOnlyList<string> AddCapabilities { get; init; } = [];

    public IReadOnlyList<string> DropCapabilities { get; init; } = [];

    public IReadOnlyList<string> AddAmbientCapabilities { get; init; } = [];

    public long? RunAsUser { get; init; }

    public long? RunAsGroup { get; init; }

    public string RunAsUsername { get; init; } = "";

    public IReadOnlyList<long> SupplementalGroups { get; init; } = [];

    /// <summary>Only the groups named in the request count, not those of the image's /etc/group.</summary>
    public bool StrictSupplementalGroups { get; init; }

    public bool ReadOnlyRootfs { get; init; }

    public bool NoNewPrivileges { get; init; }

    /// <summary>Null: the defaults.</summary>
    public IReadOnlyList<string>? MaskedPaths { get; init; }

    /// <summary>Null: the defaults.</summary>
    public IReadOnlyList<string>? ReadonlyPaths { get; init; }

    public SecurityProfile? Seccomp { get; init; }

    public SecurityProfile? AppArmor { get; init; }

    /// <summary>Null: the pod's labels.</summary>
    public SelinuxOptions? SelinuxOptions { get; init; }
}

public enum SecurityProfileKind
{
    RuntimeDefault = 0,
    Unconfined = 1,
    Localhost = 2,
}

public sealed record SecurityProfile(SecurityProfileKind Kind, string LocalhostRef);
