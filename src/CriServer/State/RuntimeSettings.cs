using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Streaming;

namespace CriRuntime.CriServer.State;

/// <summary>What the pod and container domain needs to know of the configuration. Immutable; checked by whoever loads it.</summary>
public sealed record RuntimeSettings
{
    /// <summary>Persistent state, e.g. <c>/var/lib/criruntime</c>; absolute.</summary>
    public required string Root { get; init; }

    /// <summary>State that ends with this boot, e.g. <c>/run/criruntime</c>; absolute, on a tmpfs.</summary>
    public required string Run { get; init; }

    /// <summary>The cri-conmon program; absolute.</summary>
    public required string ConmonPath { get; init; }

    /// <summary>Copied into pods that bring no DNS configuration.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>Decided at start; names cgroups, and answers the kubelet's RuntimeConfig.</summary>
    public CgroupDriver CgroupDriver { get; init; }

    /// <summary>The cgroup under which pods without a cgroup_parent live, each in one of its own: a path, or with the systemd driver a slice.</summary>
    public string DefaultCgroupParent { get; init; } = "/criruntime";

    /// <summary>The cgroup (or slice) that monitors join, so that they outlive the daemon's service; empty: they stay in the daemon's.</summary>
    public string MonitorCgroup { get; init; } = "/criruntime-monitors";

    /// <summary>Where relative <c>localhost/</c> seccomp profiles are looked up (the kubelet sends absolute paths).</summary>
    public string SeccompProfileRoot { get; init; } = "/var/lib/kubelet/seccomp";

    /// <summary>By the names accepted as runtime_handler; the empty name is for pods that name none.</summary>
    public SortedDictionary<string, RuntimeHandler> Handlers { get; init; } = new(StringComparer.Ordinal) { [""] = RuntimeHandler.BuiltIn };

    /// <summary>Size of a pod's /dev/shm in bytes, as Docker, containerd and cri-o have it.</summary>
    public long ShmSize { get; init; } = 64L << 20;

    /// <summary>What monitors report to the daemon's standard error.</summary>
    public MonitorLogLevel MonitorLogLevel { get; init; } = MonitorLogLevel.Warning;

    /// <summary>The seccomp profile for RuntimeDefault: empty for the built-in one, else the absolute path of an OCI seccomp JSON file.</summary>
    public string SeccompProfile { get; init; } = "";

    /// <summary>The program criu; empty: the first on the usual path.</summary>
    public string CriuPath { get; init; } = "";

    /// <summary>Images that say that they are checkpoints are restored.</summary>
    public bool RestoresImages { get; init; }

    /// <summary>How containers' logs are kept.</summary>
    public LogOptions Logs { get; init; } = LogOptions.Default;

    public StreamingSettings Streaming { get; init; } = new();

    /// <summary>Where metrics are served, as <c>127.0.0.1:9537</c>; empty: nowhere.</summary>
    public string MetricsAddress { get; init; } = "";

    /// <summary>How long the daemon keeps working on a pod that nobody waits for any more.</summary>
    public TimeSpan SandboxLimit { get; init; } = TimeSpan.FromMinutes(4);
}
