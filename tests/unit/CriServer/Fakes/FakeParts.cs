using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Fakes;

internal sealed class FakeLauncher : IMonitorLauncher
{
    public List<FakeMonitor> Launched { get; } = [];

    /// <summary>What the next launch hands out, and what adoption finds.</summary>
    public FakeMonitor? Next { get; set; }

    /// <summary>The end of the only directory in which a monitor listens; empty: in each.</summary>
    public string AdoptsOnly { get; set; } = "";

    public Func<Task>? Before { get; set; }

    public void Prepare()
    {
    }

    public async Task<IMonitor> LaunchAsync(string podId, string podDirectory, CancellationToken cancellationToken)
    {
        if (Before is not null)
            await Before();
        FakeMonitor monitor = Next ?? new FakeMonitor();
        Launched.Add(monitor);
        return monitor;
    }

    public Task<IMonitor> AdoptAsync(string podDirectory, CancellationToken cancellationToken) =>
        Next is { } monitor && podDirectory.EndsWith(AdoptsOnly, StringComparison.Ordinal) ? Task.FromResult<IMonitor>(monitor) : throw new IOException("no monitor listens here");
}

internal sealed class FakeNetwork : IPodNetwork
{
    public string? NotReadyReason { get; set; }

    public List<string> Attached { get; } = [];

    public List<string> Detached { get; } = [];

    public Func<Task>? BeforeAttach { get; set; }

    public Func<Task>? BeforeDetach { get; set; }

    public async Task<PodNetworkStatus> AttachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken)
    {
        if (BeforeAttach is not null)
            await BeforeAttach();
        Attached.Add(pod.Id);
        return new PodNetworkStatus(["10.1.2.3", "fd00::3"], "{}");
    }

    /// <summary>What the last collection was told to keep.</summary>
    public IReadOnlyCollection<string>? Kept { get; private set; }

    public Exception? CollectFails { get; set; }

    public Task CollectAsync(Func<IReadOnlyCollection<string>> knownPodIds, CancellationToken cancellationToken)
    {
        Kept = knownPodIds();
        return CollectFails is null ? Task.CompletedTask : Task.FromException(CollectFails);
    }

    public async Task DetachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken)
    {
        if (BeforeDetach is not null)
            await BeforeDetach();
        Detached.Add(pod.Id);
    }
}

internal sealed class FakeMounts : IHostMounts
{
    public HashSet<string> Mounted { get; } = [];

    /// <summary>The owner of the last one.</summary>
    public (uint User, uint Group) Owner { get; private set; }

    /// <summary>The label of the last one.</summary>
    public string? Context { get; private set; }

    public void MountShm(string directory, long size, uint user, uint group, string? context)
    {
        Context = context;
        Mounted.Add(directory);
        Owner = (user, group);
    }

    /// <summary>How many unmounts fail from now on.</summary>
    public int Failing { get; set; }

    public void Unmount(string path)
    {
        if (Failing > 0)
        {
            Failing--;
            throw new LinuxException("umount2", path, Errno.EMFILE);
        }

        Mounted.Remove(path);
    }
}

internal sealed class FakeCgroups : IContainerCgroups
{
    public List<string> Killed { get; } = [];

    public List<string> Deleted { get; } = [];

    public Task KillAllAsync(string cgroupPath, CancellationToken cancellationToken)
    {
        Killed.Add(cgroupPath);
        return Task.CompletedTask;
    }

    /// <summary>The limits that were set, newest last.</summary>
    public List<LinuxResources> Updates { get; } = [];

    public int Reverted { get; private set; }

    public List<int> OomScores { get; } = [];

    public Exception? UpdateFails { get; set; }

    /// <summary>The cgroups that were made for pods ahead.</summary>
    public List<string> Prepared { get; } = [];

    /// <summary>The containers' cgroups that the driver was told of, with their processes.</summary>
    public List<(string Path, int Pid)> Adopted { get; } = [];

    public Exception? AdoptionFails { get; set; }

    public Task PreparePodAsync(string cgroupPath, string description, CancellationToken cancellationToken)
    {
        Prepared.Add(cgroupPath);
        return Task.CompletedTask;
    }

    public Task AdoptAsync(string cgroupPath, string description, int pid, LinuxResources? limits, CancellationToken cancellationToken)
    {
        if (AdoptionFails is not null)
            throw AdoptionFails;
        Adopted.Add((cgroupPath, pid));
        return Task.CompletedTask;
    }

    public Task AdoptMonitorAsync(string podId, int pid, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Func<Task>> UpdateLimitsAsync(string cgroupPath, LinuxResources limits)
    {
        if (UpdateFails is not null)
            throw UpdateFails;
        Updates.Add(limits);
        return Task.FromResult<Func<Task>>(() =>
        {
            Reverted++;
            return Task.CompletedTask;
        });
    }

    public Errno SetOomScore(string cgroupPath, int score)
    {
        OomScores.Add(score);
        return Errno.EACCES;
    }

    public Task DeleteAsync(string cgroupPath, CancellationToken cancellationToken)
    {
        Deleted.Add(cgroupPath);
        return Task.CompletedTask;
    }
}

internal sealed class FakePlanner : IContainerPlanner
{
    public List<SandboxPlanInput> Sandboxes { get; } = [];

    public List<Spec> Specs { get; } = [];

    public List<Process> Execs { get; } = [];

    /// <summary>Of each plan that may be.</summary>
    public List<bool> Timed { get; } = [];

    public ReadOnlyMemory<byte> PlanSandbox(SandboxPlanInput input)
    {
        Sandboxes.Add(input);
        Timed.Add(input.Timed);
        return new byte[] { 1 };
    }

    public ReadOnlyMemory<byte> PlanContainer(Spec spec, ContainerPlanInput input)
    {
        Specs.Add(spec);
        Timed.Add(input.Timed);
        return new byte[] { 2 };
    }

    /// <summary>The commands that restore.</summary>
    public List<IReadOnlyList<string>> Restores { get; } = [];

    public ReadOnlyMemory<byte> PlanRestore(Spec spec, ContainerPlanInput input, RestoringProgram program)
    {
        Specs.Add(spec);
        Restores.Add(program.Command);
        return new byte[] { 4 };
    }

    public ExecPlan PlanExec(Process process, ExecPlanInput input)
    {
        Execs.Add(process);
        return new ExecPlan(new byte[] { 3 }, "");
    }
}

internal sealed class FakeImages : IContainerImages
{
    public Dictionary<string, ContainerImage> Images { get; } = new()
    {
        ["busybox"] = new ContainerImage { Id = "sha256:aa", Ref = "busybox@sha256:bb", Command = ["sh"] },
    };

    public HashSet<string> Snapshots { get; } = [];

    public string Layer { get; set; } = "";

    /// <summary>The ids of the images that the last container holds besides its own.</summary>
    public IReadOnlyList<string> Held { get; private set; } = [];

    /// <summary>The layer of every image that is a volume.</summary>
    public string VolumeLayer { get; set; } = "";

    public Func<Task>? BeforeSnapshot { get; set; }

    public ContainerImage? Find(string image) => Images.GetValueOrDefault(image);

    public HashSet<string> Checkpoints { get; } = [];

    public bool IsCheckpoint(string image) => Checkpoints.Contains(image);

    public RootfsLayers? FindSnapshot(string containerId) => Snapshots.Contains(containerId) ? new RootfsLayers([Layer], Layer, Layer) : null;

    public async Task<RootfsLayers> CreateSnapshotAsync(
        string containerId, ContainerImage image, IReadOnlyCollection<ContainerImage> volumes, CancellationToken cancellationToken)
    {
        if (BeforeSnapshot is not null)
            await BeforeSnapshot();
        Snapshots.Add(containerId);
        Held = [.. volumes.Select(v => v.Id)];
        return new RootfsLayers([Layer], "/upper", "/work")
        {
            ImageVolumes = volumes.DistinctBy(v => v.Id).ToDictionary(v => v.Id, v => (IReadOnlyList<string>)[VolumeLayer]),
        };
    }

    /// <summary>How many removals fail from now on.</summary>
    public int Failing { get; set; }

    public Task RemoveSnapshotAsync(string containerId, CancellationToken cancellationToken)
    {
        if (Failing > 0)
        {
            Failing--;
            throw new LinuxException("openat2", containerId, Errno.EMFILE);
        }

        Snapshots.Remove(containerId);
        return Task.CompletedTask;
    }

    public IReadOnlyList<string> SnapshotKeys() => [.. Snapshots];
}

internal sealed class FakeExits : IExitRecords
{
    public Dictionary<string, ContainerExitNotice> Records { get; } = [];

    public ContainerExitNotice? Read(string podId, string containerId) => Records.GetValueOrDefault(containerId);
}
