using System.Text.Json.Serialization;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>
/// A pod sandbox at one moment; immutable. <see cref="SandboxTransitions"/> says who may change what.
/// <code>
///             RunPodSandbox                StopPodSandbox             CNI DEL done
/// (intent) ──> Creating ──────────> Ready ────────────────> Stopping ─────────────> NotReady
///                 │ failed, undone    │                        ^  │ DEL failed: stays, retried   │
///                 v                   │ monitor died           │  v                              │
///               (gone)                └──> NotReady (network still attached) ─Stop─> Stopping    │
///                                                                                                v
///                                      (gone) &lt;── Removing &lt;────────────── RemovePodSandbox ──────┘
/// </code>
/// </summary>
public sealed record PodSandbox
{
    /// <summary>Version of this file format; newer ones are not read.</summary>
    public int Version { get; init; } = 1;

    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required PodSandboxConfig Config { get; init; }

    /// <summary>As the request names it.</summary>
    public string RuntimeHandler { get; init; } = "";

    /// <summary>Who makes its containers, as it was configured then; null, in records of earlier programs: the built-in runtime.</summary>
    public RuntimeHandler? Runtime { get; init; }

    public SandboxPhase Phase { get; init; }

    /// <summary>Nanoseconds since the epoch.</summary>
    public long CreatedAt { get; init; }

    /// <summary>The cgroup below which the pod's containers have theirs; absolute in each hierarchy.</summary>
    public string CgroupPath { get; init; } = "";

    /// <summary>The cgroup was made for this pod alone by this runtime and goes with it.</summary>
    public bool OwnsCgroup { get; init; }

    /// <summary>The name inside the pod's UTS namespace.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>A CNI ADD was issued (or was about to be), and its DEL has not succeeded.</summary>
    public bool NetworkAttached { get; init; }

    public PodNetworkStatus Network { get; init; } = PodNetworkStatus.None;

    /// <summary>Null: SELinux is not used.</summary>
    public SelinuxLabels? Selinux { get; init; }

    /// <summary>Made before this boot: nothing of it runs.</summary>
    public bool FromLastBoot { get; init; }

    /// <summary>
    /// Made by an earlier daemon, which may have died before it answered: the retry of the request that made it gets it. Not on disk; true of all that is
    /// adopted at start.
    /// </summary>
    [JsonIgnore]
    public bool Inherited { get; init; }

    /// <summary>What an update has made of the requested resources; null: nothing yet. The configuration stays as requested.</summary>
    public ContainerResources? UpdatedResources { get; init; }

    /// <inheritdoc cref="UpdatedResources"/>
    public ContainerResources? UpdatedOverhead { get; init; }

    /// <summary>The sum of the containers' resources as it is now.</summary>
    public ContainerResources? Resources => UpdatedResources ?? Config.Resources;

    public ContainerResources? Overhead => UpdatedOverhead ?? Config.Overhead;

    public bool IsReady => Phase == SandboxPhase.Ready;

    public bool HostNetwork => Config.Namespaces.Network == NamespaceMode.Node;

    public override string ToString() => $"pod sandbox {Id} of {Config.Metadata}";
}

/// <inheritdoc cref="PodSandbox"/>
public enum SandboxPhase
{
    Creating,
    Ready,
    Stopping,
    NotReady,
    Removing,
}
