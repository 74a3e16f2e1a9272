using System.Collections.Concurrent;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Conmon.Tests.Published;

/// <summary>A pod under the published cri-conmon, planned as the daemon would, and everything about it gone afterwards.</summary>
internal sealed class Pod : IAsyncDisposable
{
    private static readonly HostFacts Host = HostFacts.Detect();

    private readonly ScratchDirectory _scratch = new();
    private readonly string _cgroup = $"/cri-conmon-test-{Environment.ProcessId}-{Interlocked.Increment(ref _pods)}";
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ContainerExit>> _exits = new();
    private static int _pods;

    private Pod()
    {
        Directory.CreateDirectory(PodDirectory);
        Directory.CreateDirectory(_scratch.File("logs"));
        Busybox.MakeRootfs(_scratch.File("rootfs"));
    }

    /// <summary>The program under test; a run that has none fails.</summary>
    internal static string ConmonPath =>
        Environment.GetEnvironmentVariable("CRI_CONMON") is { Length: > 0 } path
            ? path
            : throw new InvalidOperationException("CRI_CONMON must name the published cri-conmon (./build.sh makes it, ./test.sh sets it)");

    internal MonitorClient Monitor { get; private set; } = null!;

    internal string PodDirectory => _scratch.File("pod");

    internal static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    internal MonitorLaunchOptions LaunchOptions => new(ConmonPath, PodDirectory, "test-pod");

    internal static async Task<Pod> LaunchAsync()
    {
        Pod pod = new();
        pod.Use(await MonitorClient.LaunchAsync(pod.LaunchOptions, Limit));
        return pod;
    }

    /// <summary>A pod whose monitor was started before there was a pod.</summary>
    internal static async Task<Pod> LaunchSpareAsync()
    {
        Pod pod = new();
        pod.Use(await MonitorClient.LaunchSpareAsync(ConmonPath, Limit));
        return pod;
    }

    /// <summary>As a restarted daemon does.</summary>
    internal async Task AdoptAsync() => Use(await MonitorClient.AdoptAsync(PodDirectory, Limit));

    internal Task<LaunchMoments> CreateSandboxAsync(bool sharedPids = false, bool timed = false) => Monitor.CreateSandboxAsync(
        SandboxPlanner.PlanSandbox(new SandboxNamespaces
        {
            PodId = "test-pod",
            PinDirectory = Path.Combine(PodDirectory, "ns"),
            Host = Host,
            Network = true,
            Ipc = true,
            Uts = true,
            Hostname = "pod-host",
            Pid = sharedPids,
            Timed = timed,
        }).Bytes,
        Limit);

    internal string LogPath(string id) => _scratch.File($"logs/{id}.log");

    internal string RootfsFile(string name) => _scratch.File($"rootfs/{name}");

    internal string[] LogLines(string id) => File.Exists(LogPath(id)) ? File.ReadAllLines(LogPath(id)) : [];

    /// <summary>The contents of the entries of one stream, without timestamps and tags.</summary>
    internal string[] Log(string id, string stream = "stdout") =>
        [.. LogLines(id).Select(line => line.Split(' ', 4)).Where(parts => parts[1] == stream).Select(parts => parts[3])];

    internal Task<int> CreateAsync(string id, params string[] command) => CreateAsync(id, terminal: false, command);

    internal async Task<int> CreateAsync(string id, bool terminal, string[] command, bool hostPids = false, long? memoryLimit = null, Func<CreateContainerRequest, CreateContainerRequest>? configure = null)
    {
        CreateContainerRequest request = Request(id, Specification(terminal, command, hostPids, memoryLimit), timed: false) with { Terminal = terminal };
        return (await Monitor.CreateContainerAsync(configure is null ? request : configure(request), Limit)).Pid;
    }

    /// <returns>When the stages of its launch began.</returns>
    internal async Task<IReadOnlyList<LaunchMoment>> CreateTimedAsync(string id, bool timed) =>
        (await Monitor.CreateContainerAsync(Request(id, Specification(false, ["sleep", "600"], hostPids: false), timed), Limit)).Moments.All;

    private CreateContainerRequest Request(string id, Spec specification, bool timed)
    {
        CgroupPlacement cgroup = CgroupPlacement.For(CgroupHierarchy.Detect(), $"{_cgroup}/{id}");
        LaunchPlan plan = LaunchPlanner.Plan(specification, new PlanOptions
        {
            ContainerId = id,
            Rootfs = new DirectoryRootfs(_scratch.File("rootfs")),
            Host = Host,
            Cgroup = cgroup,
            StartGate = true,
            Timed = timed,
        });
        return new CreateContainerRequest(id, plan.Bytes)
        {
            LogPath = LogPath(id),
            LogDirectory = _scratch.File("logs"),
            CgroupDirectories = [.. cgroup.Directories.Select(d => d.Path)],
        };
    }

    /// <summary>The container's directory in the v2 hierarchy.</summary>
    internal string UnifiedCgroup(string id) => CgroupPlacement.For(CgroupHierarchy.Detect(), $"{_cgroup}/{id}").Unified!.Path;

    internal async Task<int> RunAsync(string id, params string[] command)
    {
        int pid = await CreateAsync(id, command);
        await Monitor.StartContainerAsync(id, Limit);
        return pid;
    }

    internal async Task<ContainerExit> RunToEndAsync(string id, params string[] command)
    {
        await RunAsync(id, command);
        return await ExitOfAsync(id);
    }

    internal Task<ContainerExit> ExitOfAsync(string id) => Exit(id).Task.WaitAsync(Limit);

    /// <summary>Runs a command in a container and gives its exit code and output.</summary>
    internal async Task<(int ExitCode, string Output)> ExecAsync(string id, int pid, params string[] command)
    {
        Pipe output = Pipe.Create();
        MonitorExec exec;
        using (output.Write)
        {
            exec = await StartExecAsync(id, pid, new ExecRequest(id, default) { Stdout = output.Write, Stderr = output.Write }, command);
        }

        Task<string> reading = Task.Run(() => ReadToEnd(output.Read));
        int code = await exec.ExitCode.WaitAsync(Limit);
        return (code, await reading.WaitAsync(Limit));
    }

    internal Task<MonitorExec> StartExecAsync(string id, int pid, ExecRequest request, params string[] command) =>
        StartExecAsync(id, pid, request, Limit, command);

    internal Task<MonitorExec> StartExecAsync(string id, int pid, ExecRequest request, CancellationToken cancellationToken, params string[] command) =>
        Monitor.ExecAsync(request with { Plan = ExecPlan(id, pid, request.Terminal, timed: false, command) }, cancellationToken);

    internal Task<MonitorExec> StartTimedExecAsync(string id, int pid, params string[] command) =>
        Monitor.ExecAsync(new ExecRequest(id, ExecPlan(id, pid, terminal: false, timed: true, command)), Limit);

    private ReadOnlyMemory<byte> ExecPlan(string id, int pid, bool terminal, bool timed, string[] command) =>
        ExecPlanner.PlanExec(Process(terminal, command), new ExecTarget
        {
            ContainerId = id,
            Pid = pid,
            Namespaces = Specification(false, command, hostPids: false).Linux!.Namespaces,
            Host = Host,
            Cgroup = CgroupPlacement.For(CgroupHierarchy.Detect(), $"{_cgroup}/{id}"),
            Timed = timed,
        }).Bytes;

    internal void Freeze(string id) => new CgroupFreezer(CgroupPlacement.For(CgroupHierarchy.Detect(), $"{_cgroup}/{id}")).Freeze();

    /// <summary>Takes a process out of its container's cgroups, with those that it starts from then on.</summary>
    internal static void MoveToRootCgroups(string pid)
    {
        foreach (CgroupMount mount in CgroupHierarchy.Detect().Mounts)
            CgroupFile.Write($"{mount.MountPoint}/cgroup.procs", pid);
    }

    internal static string ReadToEnd(FileDescriptor fd)
    {
        using (fd)
        {
            byte[] buffer = new byte[64 * 1024];
            int length = 0;
            while (fd.Read(buffer.AsSpan(length)) is int read and > 0)
                length += read;
            return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Monitor.Exited.IsCompleted)
        {
            await AdoptAsync();
            foreach (MonitoredContainer container in await Monitor.ListAsync(Limit))
                await Monitor.DeleteContainerAsync(container.Id, Limit);
            await Monitor.ShutdownAsync(Limit);
        }

        await Monitor.DisposeAsync();
        foreach (CgroupDirectory directory in CgroupPlacement.For(CgroupHierarchy.Detect(), _cgroup).Directories)
            await RemoveAsync(directory.Path);
        _scratch.Dispose();
    }

    // What a killed monitor leaves behind; its processes are killed, but may not have gone yet.
    private static async Task RemoveAsync(string cgroup)
    {
        foreach (string path in Directory.Exists(cgroup) ? Directory.GetDirectories(cgroup).Append(cgroup) : [])
        {
            while (CgroupFile.TryRemoveDirectory(path) == Errno.EBUSY)
                await Task.Delay(5, Limit);
        }
    }

    private void Use(MonitorClient monitor)
    {
        Monitor = monitor;
        monitor.ContainerExited += exit => Exit(exit.Id).TrySetResult(exit);
    }

    private TaskCompletionSource<ContainerExit> Exit(string id) =>
        _exits.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static Process Process(bool terminal, string[] command) => new()
    {
        Args = command,
        Env = ["PATH=/bin"],
        Cwd = "/",
        Terminal = terminal,
    };

    private static Spec Specification(bool terminal, string[] command, bool hostPids, long? memoryLimit = null)
    {
        List<LinuxNamespace> namespaces = [new() { Type = "mount" }, new() { Type = "ipc" }, new() { Type = "uts" }];
        if (!hostPids)
            namespaces.Add(new() { Type = "pid" });
        return new Spec
        {
            OciVersion = "1.2.0",
            Process = Process(terminal, command),
            Root = new Root { Path = "rootfs" },
            Mounts =
            [
                new Mount { Destination = "/proc", Type = "proc", Source = "proc" },
                new Mount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "mode=755", "size=65536k"] },
                new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
            ],
            Linux = new LinuxSection
            {
                Namespaces = namespaces,
                Resources = memoryLimit is null ? null : new LinuxResources { Memory = new MemoryResources { Limit = memoryLimit } },
            },
        };
    }
}
