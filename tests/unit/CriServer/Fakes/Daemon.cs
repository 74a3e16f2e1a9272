using CriRuntime.CriServer.Checkpoints;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Metrics;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Streaming;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriRuntime.CriServer.Tests.Fakes;

/// <summary>The domain with real state on disk (a temporary directory) and fakes at its edges. Restart makes a second one over the same state.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly bool _ownsDirectory;
    private CdiDevices? _cdi;
    private NodeClasses? _classes;
    private ContainerEvents? _happenings;
    private UserNamespaceSupport? _userNamespaces;

    /// <param name="appArmor">Null: a node without AppArmor.</param>
    /// <param name="selinux">Null: a node without SELinux.</param>
    /// <param name="time">Of the published state; null: the system's.</param>
    public Daemon(string? directory = null, AppArmorHost? appArmor = null, SelinuxPolicy? selinux = null, TimeProvider? time = null)
    {
        _ownsDirectory = directory is null;
        Base = directory ?? Directory.CreateTempSubdirectory("criserver-").FullName;
        Settings = new RuntimeSettings
        {
            Root = Path.Join(Base, "root"),
            Run = Path.Join(Base, "run"),
            ConmonPath = "/cri-conmon",
            ResolvConfPath = Path.Join(Base, "resolv.conf"),
            SeccompProfileRoot = Path.Join(Base, "seccomp"),
        };
        Images.Layer = Path.Join(Base, "layer");
        Directory.CreateDirectory(Images.Layer);
        State = new RuntimeState(Settings, time ?? TimeProvider.System, NullLogger<RuntimeState>.Instance);
        State.Directories.Prepare();
        Files = new PodFiles(Settings, State.Directories, Mounts);
        Owed = new OwedRecords(State.Directories);
        Detachments = new OwedDetachments(Network, Owed, TimeProvider.System, NullLogger<OwedDetachments>.Instance);
        Events = new MonitorEvents(State, Monitors, Exits, Cgroups, Classes, Telemetry, NullLogger<MonitorEvents>.Instance);
        Specs = new ContainerSpecs(State.Directories);
        CheckpointDirectories = new CheckpointDirectories(Settings, NullLogger<CheckpointDirectories>.Instance);
        Bundles = new HookBundle(State.Directories);
        Plugins = new NriPlugins(State, Specs, Node, Cdi, Classes, NullLogger<NriPlugins>.Instance);
        Ends = new ContainerEnds(State, Plugins, NullLogger<ContainerEnds>.Instance);
        Handlers = new RuntimeHandlers(Settings, UserNamespaces, NullLogger<RuntimeHandlers>.Instance);
        Binaries = new BinaryContainers(State, Handlers, HostFacts.Detect(), CgroupHierarchy.Detect(), Cgroups, NullLogger<BinaryContainers>.Instance);
        Hooks = new LaterHooks(Bundles, Specs, Binaries, NullLogger<LaterHooks>.Instance);
        Kill = new KillContainer(State, Monitors, Cgroups);
        AppArmorProfiles profiles = new(appArmor ?? new AppArmorHost(false, "", ""), AppArmorProfiles.OwnProfile, Telemetry, NullLogger<AppArmorProfiles>.Instance);
        Rollback = BuildRollback();
        Selinux labels = new(selinux, label => !label.Contains("unknown_t", StringComparison.Ordinal), State);
        ContainerPreparation preparation = new(State, Node, Profiles(), profiles, labels, Cdi, Classes, Telemetry);
        Criu criu = new(Settings);
        ContainerLaunch launch = new(State, Monitors, Planner, Cgroups, Classes, Bundles, Hooks, Binaries, criu);
        CheckpointSources sources = new(Settings, Images, CheckpointDirectories, criu);
        Create = new CreateContainer(State, Images, preparation, Specs, launch, Plugins, Rollback, sources, NullLogger<CreateContainer>.Instance);
        Start = new StartContainer(State, Monitors, Binaries, Kill, Hooks, Plugins, Telemetry, NullLogger<StartContainer>.Instance);
        Stop = new StopContainer(State, Monitors, Kill, Ends, TimeProvider.System, NullLogger<StopContainer>.Instance);
        Remove = new RemoveContainer(State, Kill, Monitors, Cgroups, Classes, Images, Specs, Binaries, Bundles, Hooks, Create, Plugins, Ends, NullLogger<RemoveContainer>.Instance);
        Update = new UpdateContainer(State, Specs, Binaries, Cgroups, Node, Classes, Plugins, NullLogger<UpdateContainer>.Instance);
        ReopenLog = new ReopenLog(State, Monitors);
        ExecLaunch = new ExecLaunch(State, Monitors, Specs, Binaries, Planner);
        ExecSync = new ExecSync(ExecLaunch, TimeProvider.System);
        Streaming = new StreamingServer(
            Settings, new StreamHandlers(new ExecStreams(ExecLaunch, TimeProvider.System), new AttachStreams(State, Monitors, Telemetry), new PortForwards(State)),
            TimeProvider.System, NullLoggerFactory.Instance);
        RunPod = new RunSandbox(
            State, Launcher, Events, Monitors, Planner, Network, Owed, Detachments, Cgroups, Files, Handlers, labels, Plugins, Rollback, NullLogger<RunSandbox>.Instance);
        StopPod = new StopSandbox(State, Kill, Network, Files, Plugins, Ends, NullLogger<StopSandbox>.Instance);
        RemovePod = new RemoveSandbox(
            State, StopPod, Remove, Monitors, Cgroups, Owed, Files, RunPod, Plugins, NullLogger<RemoveSandbox>.Instance);
        CheckpointContainer checkpoint = new(State, Specs, Images, new Criu(Settings), CheckpointDirectories, Telemetry, NullLogger<CheckpointContainer>.Instance);
        Checkpoints = new CheckpointOperations(
            checkpoint,
            new CheckpointPod(State, checkpoint, CheckpointDirectories, NullLogger<CheckpointPod>.Instance),
            new RestorePod(State, RunPod, StopPod, RemovePod, Create, Start, CheckpointDirectories, NullLogger<RestorePod>.Instance));
        UpdatePod = new UpdateSandbox(State, Plugins, NullLogger<UpdateSandbox>.Instance);
        Recovery = BuildRecovery();
    }

    public string Base { get; }

    public RuntimeSettings Settings { get; }

    public RuntimeState State { get; }

    public NodeFacts Node { get; } = new() { Capabilities = CapabilityNames.All, SwapAccounting = true, HugepageSizes = ["2MB"] };

    public FakeLauncher Launcher { get; } = new();

    public FakeNetwork Network { get; } = new();

    public FakeMounts Mounts { get; } = new();

    public FakeCgroups Cgroups { get; } = new();

    /// <summary>What stands in the way of user namespaces on the test's host; null: nothing.</summary>
    public string? UserNamespaceObstacle { get; set; }

    public UserNamespaceSupport UserNamespaces => _userNamespaces ??= new UserNamespaceSupport(() => Task.FromResult(UserNamespaceObstacle));

    public FakePlanner Planner { get; } = new();

    public FakeImages Images { get; } = new();

    public FakeExits Exits { get; } = new();

    public MonitorRegistry Monitors { get; } = new();

    public RecoveryGate Gate { get; } = new();

    /// <summary>Devices by the CDI files of a directory of this daemon's.</summary>
    public CdiDevices Cdi => _cdi ??= new(new CriRuntime.Cdi.CdiRegistry([Path.Join(Base, "cdi")], _ => { }));

    /// <summary>Classes by the file <see cref="BlockIoFile"/> and a directory in resctrl's place.</summary>
    public NodeClasses Classes => _classes ??= new(
        new BlockIoClasses(BlockIoFile, _ => { }, new NodeBlockDevices(Path.Join(Base, "host"), Path.Join(Base, "sys"), path => new LinuxDevice { Path = path, Type = "b", Major = 8, Minor = path[^1] })),
        new RdtClasses(Path.Join(Base, "resctrl")));

    public string BlockIoFile => Path.Join(Base, "blockio.yaml");

    public PodFiles Files { get; }

    public OwedRecords Owed { get; }

    public OwedDetachments Detachments { get; }

    public Telemetry Telemetry { get; } = new();

    public MonitorEvents Events { get; }

    public ContainerEvents Happenings => _happenings ??= new(State);

    /// <summary>Where metrics are read; this host's, unless a test has its own.</summary>
    public CgroupHierarchy? Hierarchy { get; set; }

    public FakeLayers Layers { get; } = new();

    public PodMetrics Metrics => new(State, Hierarchy ?? CgroupHierarchy.Detect(), Layers);

    /// <summary>What could not be undone at once.</summary>
    public Rollback Rollback { get; }

    public ContainerSpecs Specs { get; }

    public HookBundle Bundles { get; }

    public LaterHooks Hooks { get; }

    /// <summary>NRI plugins; none, unless a test attaches a host.</summary>
    public NriPlugins Plugins { get; }

    public ContainerEnds Ends { get; }

    public RuntimeHandlers Handlers { get; }

    public BinaryContainers Binaries { get; }

    public KillContainer Kill { get; }

    public CreateContainer Create { get; }

    public StartContainer Start { get; }

    public StopContainer Stop { get; }

    public RemoveContainer Remove { get; }

    public UpdateContainer Update { get; }

    public ReopenLog ReopenLog { get; }

    public ExecLaunch ExecLaunch { get; }

    public ExecSync ExecSync { get; }

    public CheckpointDirectories CheckpointDirectories { get; }

    public CheckpointOperations Checkpoints { get; }

    public StreamingServer Streaming { get; }

    public IssueStreams IssueStreams => new(State, ExecLaunch, Streaming);

    public RunSandbox RunPod { get; }

    public StopSandbox StopPod { get; }

    public RemoveSandbox RemovePod { get; }

    public UpdateSandbox UpdatePod { get; }

    public RecoverState Recovery { get; }

    public RuntimeService Service(IStatsSource stats) => new(
        State, Monitors, Network, new NodeNetwork(Network, new NodeNetworkSettings("/nonexistent", ""), NullLogger<NodeNetwork>.Instance), new SandboxOperations(RunPod, StopPod, RemovePod, UpdatePod),
        new ContainerOperations(Create, Start, Stop, Remove, Update, ReopenLog, ExecSync), Checkpoints, Specs, stats, IssueStreams, Happenings, Metrics, Handlers, Gate);

    public static PodSandboxConfig PodConfig(string name = "web", uint attempt = 0, bool hostNetwork = false) => new()
    {
        Metadata = new PodSandboxMetadata(name, "default", "uid-1", attempt),
        Hostname = hostNetwork ? "" : "web-host",
        LogDirectory = "",
        Namespaces = new NamespaceOptions { Network = hostNetwork ? NamespaceMode.Node : NamespaceMode.Pod },
    };

    public static ContainerConfig ContainerConfig(string name = "app", uint attempt = 0) => new()
    {
        Metadata = new ContainerMetadata(name, attempt),
        Image = "busybox",
    };

    public Task<string> RunAsync(PodSandboxConfig? config = null, CancellationToken cancellationToken = default) =>
        RunPod.ExecuteAsync(config ?? PodConfig(), "", cancellationToken);

    public async Task<(string Pod, string Container)> RunningAsync()
    {
        string pod = await RunAsync();
        string container = await Create.ExecuteAsync(pod, ContainerConfig(), CancellationToken.None);
        await Start.ExecuteAsync(container, CancellationToken.None);
        return (pod, container);
    }

    /// <summary>Another daemon over the same files, with what is outside of the daemon carried over.</summary>
    public Daemon Restart(FakeMonitor? living)
    {
        // This one is dead: it must not see what becomes of its monitors.
        foreach (string pod in State.Pods.Current.Keys)
            Monitors.Take(pod);
        Daemon next = new(Base);
        next.Launcher.Next = living;
        foreach (string key in Images.Snapshots)
            next.Images.Snapshots.Add(key);
        return next;
    }

    public string[] LeftInRun() => Directory.Exists(State.Directories.Pods) ? Directory.GetFileSystemEntries(State.Directories.Pods) : [];

    public string[] LeftOwed() => Directory.GetFiles(State.Directories.Owed);

    public void Dispose()
    {
        if (_ownsDirectory)
            Directory.Delete(Base, recursive: true);
    }

    /// <summary>Reads what lies on disk and shows it, as the daemon does before it serves.</summary>
    public void PublishSaved() => Recovery.Publish(new StateReader(State.Directories, NullLogger.Instance).Read());

    private static SecurityProfiles Profiles() => new(_ => new Seccomp { DefaultAction = "SCMP_ACT_ERRNO" }, "/var/lib/kubelet/seccomp");

    private UndoContainer UndoContainer => new(State, Images, Cgroups, Classes, Specs, Binaries, Bundles, Hooks);

    private UndoSandbox UndoSandbox => new(State, Launcher, Detachments, Owed, Files, Cgroups, NullLogger<UndoSandbox>.Instance);

    private Rollback BuildRollback() =>
        new(State, UndoSandbox, UndoContainer, Monitors, TimeProvider.System, NullLogger<Rollback>.Instance);

    private RecoverState BuildRecovery()
    {
        RecoverPod recoverPod = new(State, Launcher, Events, UndoContainer, NullLogger<RecoverPod>.Instance);
        return new RecoverState(
            State, recoverPod, UndoSandbox, Detachments, Owed, Images, CheckpointDirectories, Gate, NullLogger<RecoverState>.Instance);
    }
}
