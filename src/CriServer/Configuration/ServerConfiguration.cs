using CriRuntime.CriServer.Lsm;

namespace CriRuntime.CriServer.Configuration;

/// <summary>
/// Everything an operator can set, with its defaults. Immutable; made once at start by <see cref="ConfigurationLoader"/>.
/// The JSON keys are the property names in camelCase; docs/configuration.md lists them.
/// </summary>
public sealed record ServerConfiguration
{
    /// <summary>Persistent state: images, snapshots, what a reboot must still know. Absolute path.</summary>
    public string Root { get; init; } = "/var/lib/criruntime";

    /// <summary>State that means something only while this kernel runs; a tmpfs. Absolute path.</summary>
    public string Run { get; init; } = "/run/criruntime";

    /// <summary>The CRI socket's absolute path, with or without <c>unix://</c> in front. Empty: <c>criruntime.sock</c> under <see cref="Run"/>.</summary>
    public string Listen { get; init; } = "";

    /// <summary>The monitor program. Empty: <c>cri-conmon</c> beside this program, else the first in PATH.</summary>
    public string Conmon { get; init; } = "";

    public LogConfiguration Log { get; init; } = new();

    public CgroupConfiguration Cgroup { get; init; } = new();

    public CniConfiguration Cni { get; init; } = new();

    public CdiConfiguration Cdi { get; init; } = new();

    public ImagesConfiguration Images { get; init; } = new();

    public ContainersConfiguration Containers { get; init; } = new();

    public SecurityConfiguration Security { get; init; } = new();

    public StreamingConfiguration Streaming { get; init; } = new();

    public MetricsConfiguration Metrics { get; init; } = new();

    public CheckpointsConfiguration Checkpoints { get; init; } = new();

    public NriConfiguration Nri { get; init; } = new();

    public TracingConfiguration Tracing { get; init; } = new();

    /// <summary>By the name that a RuntimeClass's <c>handler</c> has. Pods that name none get <see cref="DefaultRuntime"/>.</summary>
    public IReadOnlyDictionary<string, RuntimeConfiguration> Runtimes { get; init; } = new Dictionary<string, RuntimeConfiguration>();

    /// <summary>One of <see cref="Runtimes"/>; empty: the built-in runtime.</summary>
    public string DefaultRuntime { get; init; } = "";

    /// <summary>
    /// By registry host (<c>docker.io</c>, <c>127.0.0.1:5000</c>); the key <c>*</c> is for every host that has no entry of its own.
    /// </summary>
    public IReadOnlyDictionary<string, RegistryConfiguration> Registries { get; init; } = new Dictionary<string, RegistryConfiguration>();
}

public sealed record LogConfiguration
{
    /// <summary><c>trace</c>, <c>debug</c>, <c>info</c>, <c>warning</c>, <c>error</c> or <c>critical</c>.</summary>
    public string Level { get; init; } = "info";

    /// <summary><c>text</c> (logfmt) or <c>json</c>; one record a line, on standard error.</summary>
    public string Format { get; init; } = "text";
}

public sealed record CgroupConfiguration
{
    /// <summary>The driver, and with it the names, that fit this host.</summary>
    internal const string Auto = "auto";

    /// <summary><c>auto</c>, <c>systemd</c> or <c>cgroupfs</c>.</summary>
    public string Driver { get; init; } = Auto;

    /// <summary>Parent cgroup of pods whose config names none: an absolute path (cgroupfs), a slice (systemd), or <c>auto</c>.</summary>
    public string DefaultParent { get; init; } = Auto;

    /// <summary>The cgroup all monitors live in, apart from the daemon's and the pods'; named likewise. Empty: where the daemon is.</summary>
    public string Monitors { get; init; } = Auto;
}

public sealed record CniConfiguration
{
    /// <summary>Where network configurations are read from; the lexicographically first valid one is the pod network.</summary>
    public string ConfDir { get; init; } = "/etc/cni/net.d";

    /// <summary>Searched in order for plugin binaries.</summary>
    public IReadOnlyList<string> BinDirs { get; init; } = ["/opt/cni/bin", "/usr/lib/cni"];

    /// <summary>
    /// Results of past ADDs in libcni's format; what DEL needs after a restart and a reboot. Belongs to one daemon alone.
    /// Empty: <c>cni</c> under the root directory.
    /// </summary>
    public string CacheDir { get; init; } = "";

    /// <summary>
    /// A .conflist with places for the node's pod subnets, from which the pod network's configuration is written when the kubelet tells them.
    /// Empty: whoever installs the network writes it.
    /// </summary>
    public string Template { get; init; } = "";

    /// <summary>Limit for one plugin call, 1 to 3600 seconds.</summary>
    public int TimeoutSeconds { get; init; } = 60;
}

public sealed record CdiConfiguration
{
    /// <summary>Directories of CDI specs, lowest priority first; empty: no CDI devices.</summary>
    public IReadOnlyList<string> SpecDirs { get; init; } = ["/etc/cdi", "/var/run/cdi"];
}

public sealed record ImagesConfiguration
{
    /// <summary>References that image garbage collection leaves alone (reported as pinned).</summary>
    public IReadOnlyList<string> Pinned { get; init; } = [];

    /// <summary>Layers of one image fetched and unpacked at once, 1 to 64. 0: one per processor, and at least 3.</summary>
    public int MaxParallelLayers { get; init; }

    /// <summary>A pull that receives nothing for this long is retried from where it was, 1 to 3600 seconds.</summary>
    public int StallTimeoutSeconds { get; init; } = 30;
}

public sealed record ContainersConfiguration
{
    /// <summary>Host file that pods with no DNS configuration of their own take their resolv.conf from.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Seccomp profile for RuntimeDefault: empty for the built-in one, else the absolute path of an OCI seccomp JSON file.</summary>
    public string SeccompProfile { get; init; } = "";

    /// <summary>A file of block I/O classes, in the format of containerd's and CRI-O's <c>blockio_config_file</c>. Absolute path; empty: no classes.</summary>
    public string BlockIoClasses { get; init; } = "";

    /// <summary>Size of a pod's /dev/shm in bytes.</summary>
    public long ShmSize { get; init; } = 64 << 20;

    /// <summary>A container's log that would grow beyond so many bytes starts anew, 4096 or more; 0: no limit (the kubelet rotates logs).</summary>
    public long LogSizeMax { get; init; }

    /// <summary>Bytes of log a container may write per second, 4096 or more; what is beyond is dropped and counted. 0: no limit.</summary>
    public long LogRateLimit { get; init; }

    /// <summary>When logs are forced to disk: <c>never</c>, <c>exit</c> (and on rotation), or <c>interval</c> (also every <see cref="LogSyncSeconds"/>).</summary>
    public string LogSync { get; init; } = "never";

    /// <summary>1 to 86400.</summary>
    public int LogSyncSeconds { get; init; } = 5;
}

/// <summary>The node's security modules.</summary>
public sealed record SecurityConfiguration
{
    /// <summary>The AppArmor profile that RuntimeDefault means: the built-in one, <c>unconfined</c>, or the name of one that the operator loads.</summary>
    public string ApparmorProfile { get; init; } = AppArmorProfiles.OwnProfile;

    /// <summary>SELinux labels: <c>on</c>, <c>off</c>, or <c>auto</c>: where the node has SELinux and its policy knows containers.</summary>
    public string Selinux { get; init; } = SelinuxChoice.Auto;
}

public sealed record CheckpointsConfiguration
{
    /// <summary>The program criu, by its absolute path. Empty: the first in the usual directories.</summary>
    public string Criu { get; init; } = "";

    /// <summary>
    /// Whether an image that is annotated as a checkpoint is restored. criu gives restored processes the user, capabilities and files that the checkpoint says, so whoever may start such an image
    /// may become anybody, whatever the pod's security context says: off unless an operator trusts every image. Archives are restored by their path on the node in any case.
    /// </summary>
    public bool RestoreImages { get; init; }
}

public sealed record MetricsConfiguration
{
    /// <summary>IP address and port that serve Prometheus' metrics under <c>/metrics</c>, e.g. <c>127.0.0.1:9537</c>. Empty: nowhere.</summary>
    public string Address { get; init; } = "";
}

/// <summary>The HTTP server for exec, attach and port-forward. Its URLs carry a secret token and work once, within a minute.</summary>
public sealed record StreamingConfiguration
{
    /// <summary>IP address it listens on. The kubelet, which passes streams on, is on the same node.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0 to 65535; 0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>PEM file with a certificate and its chain: the server then speaks HTTPS. Absolute path.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file of the certificate's key, where it is not in the certificate's file. Absolute path.</summary>
    public string Key { get; init; } = "";

    /// <summary>A stream without a byte in either direction for this long is closed, 1 to 604800 seconds.</summary>
    public int IdleTimeoutSeconds { get; init; } = 4 * 3600;
}

public sealed record RegistryConfiguration
{
    /// <summary>Base URLs tried in order before the registry itself, same repository path.</summary>
    public IReadOnlyList<string>? Mirrors { get; init; }

    /// <summary>Speak HTTP, not HTTPS, to this registry.</summary>
    public bool? PlainHttp { get; init; }

    /// <summary>Accept any certificate of this registry.</summary>
    public bool? SkipVerify { get; init; }

    /// <summary>PEM file with additional certificate authorities. Absolute path.</summary>
    public string? Ca { get; init; }

    /// <summary>PEM file of a client certificate, with its chain. Absolute path.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM file of the client certificate's key, where it is not in the certificate's file. Absolute path.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Never ask the registry itself, only the mirrors.</summary>
    public bool? MirrorsOnly { get; init; }
}
