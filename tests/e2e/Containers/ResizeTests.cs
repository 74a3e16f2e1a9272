using System.Globalization;
using System.Text.Json.Nodes;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

/// <summary>Limits of living containers, read back from the host's cgroups (v1 and v2) and from the status.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class ResizeTests(SharedDaemon shared) : IAsyncLifetime
{
    private const long Megabyte = 1 << 20;
    private static readonly bool s_v2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");

    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("resize-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Memory_and_cpu_go_up_and_down_while_the_container_runs_on()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Limited("elastic", "sleep", "1000"));
        string started = (await _daemon.StatusAsync(id)).StartedAt.ToString(CultureInfo.InvariantCulture);
        foreach ((long memory, long quota, long shares) in new[] { (256L, 80_000L, 800L), (32L, 20_000L, 200L), (128L, 50_000L, 512L) })
        {
            await UpdateAsync(id, new LinuxContainerResources { MemoryLimitInBytes = memory * Megabyte, CpuQuota = quota, CpuShares = shares });
            Assert.Equal((memory * Megabyte, quota, 100_000), (MemoryLimit(id), Quota(id), Period(id)));
            LinuxContainerResources reported = (await _daemon.StatusAsync(id)).Resources.Linux;
            Assert.Equal((memory * Megabyte, quota, 100_000, shares), (reported.MemoryLimitInBytes, reported.CpuQuota, reported.CpuPeriod, reported.CpuShares));
        }

        ContainerStatus status = await _daemon.StatusAsync(id);
        Assert.Equal((ContainerState.ContainerRunning, started), (status.State, status.StartedAt.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task What_an_update_does_not_set_stays()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Limited("partial", "sleep", "1000"));
        await UpdateAsync(id, new LinuxContainerResources { CpuQuota = 30_000 });
        Assert.Equal((64 * Megabyte, 30_000, 100_000), (MemoryLimit(id), Quota(id), Period(id)));
        await UpdateAsync(id, new LinuxContainerResources { CpuPeriod = 50_000 });
        Assert.Equal((30_000, 50_000), (Quota(id), Period(id)));
        await UpdateAsync(id, new LinuxContainerResources { CpuQuota = -1 });
        Assert.Equal((-1, 64 * Megabyte), (Quota(id), MemoryLimit(id)));
        await UpdateAsync(id, new LinuxContainerResources { CpusetCpus = "0" });
        Assert.Equal("0", Read(id, "cpuset", "cpuset.cpus"));
        await UpdateAsync(id, new LinuxContainerResources());
        Assert.Equal(64 * Megabyte, (await _daemon.StatusAsync(id)).Resources.Linux.MemoryLimitInBytes);
    }

    [Fact]
    public async Task A_container_that_was_not_started_yet_is_resized_and_starts_so()
    {
        string id = await _daemon.CreateAsync(_podId, _pod, Limited("waiting", "sh", "-c", "cat /proc/self/oom_score_adj; sleep 1000"));
        await UpdateAsync(id, new LinuxContainerResources { MemoryLimitInBytes = 96 * Megabyte, OomScoreAdj = 933 });
        await _daemon.StartAsync(id);
        Assert.Equal(96 * Megabyte, MemoryLimit(id));
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the score", async () => await Cri.MessagesAsync(log) == "933\n");
        Assert.Equal("933\n", await _daemon.ExecTextAsync(id, "cat", "/proc/self/oom_score_adj"));
    }

    [Fact]
    public async Task A_limit_below_the_usage_is_refused_with_both_numbers_and_harms_nothing()
    {
        ContainerConfig config = Limited("full", "sh", "-c", "x=$(yes | head -c 20000000); echo full; while true; do sleep 1; done");
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the memory to be used", async () => (await Cri.MessagesAsync(log)).Contains("full", StringComparison.Ordinal));

        string message = await RefusedAsync(StatusCode.FailedPrecondition, id, new LinuxContainerResources { MemoryLimitInBytes = 4 * Megabyte, CpuShares = 333, CpuQuota = 10_000 });

        Assert.Contains("memory limit (4194304) is below the present usage", message, StringComparison.Ordinal);
        Assert.Equal((64 * Megabyte, 50_000), (MemoryLimit(id), Quota(id)));
        ContainerStatus status = await _daemon.StatusAsync(id);
        Assert.Equal((ContainerState.ContainerRunning, 64 * Megabyte, 512), (status.State, status.Resources.Linux.MemoryLimitInBytes, status.Resources.Linux.CpuShares));
    }

    [Fact]
    public async Task A_refused_part_takes_back_the_parts_before_it()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Limited("whole", "sleep", "1000"));
        await RefusedAsync(StatusCode.InvalidArgument, id, new LinuxContainerResources { MemoryLimitInBytes = 128 * Megabyte, CpuQuota = 10_000, CpuShares = 100, CpusetMems = "900" });
        Assert.Equal((64 * Megabyte, 50_000), (MemoryLimit(id), Quota(id)));
        Assert.Equal(512, (await _daemon.StatusAsync(id)).Resources.Linux.CpuShares);
    }

    [Fact]
    public async Task Nonsense_is_refused_by_its_kind()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Limited("sane", "sleep", "1000"));
        foreach (LinuxContainerResources bad in new LinuxContainerResources[]
        {
            new() { MemoryLimitInBytes = -1 }, new() { CpuShares = long.MaxValue }, new() { CpuQuota = long.MaxValue }, new() { CpuPeriod = 7 },
            new() { CpusetCpus = "all" }, new() { CpusetCpus = "4000" }, new() { OomScoreAdj = 5000 }, new() { MemorySwapLimitInBytes = 1 },
            new() { Unified = { ["../../memory.max"] = "1" } },
        })
        {
            await RefusedAsync(StatusCode.InvalidArgument, id, bad);
        }

        await RefusedAsync(s_v2 ? StatusCode.InvalidArgument : StatusCode.FailedPrecondition, id, new LinuxContainerResources { Unified = { ["memory.nonsense"] = "1" } });
        await RefusedAsync(StatusCode.NotFound, new string('e', 64), new LinuxContainerResources { CpuShares = 2 });
        await RefusedAsync(StatusCode.InvalidArgument, "", new LinuxContainerResources { CpuShares = 2 });
        Assert.Equal((64 * Megabyte, 50_000), (MemoryLimit(id), Quota(id)));

        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
        await RefusedAsync(StatusCode.FailedPrecondition, id, new LinuxContainerResources { CpuShares = 100 });
    }

    [Fact]
    public async Task New_limits_are_reported_by_the_next_daemon_too()
    {
        await using Daemon daemon = await Daemon.StartAsync("resize-restart");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("survivor");
        string podId = await daemon.RunPodAsync(pod);
        string id = await daemon.StartNewAsync(podId, pod, Limited("survivor", "sleep", "1000"));
        await daemon.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest { ContainerId = id, Linux = new LinuxContainerResources { CpuShares = 300 } });
        await daemon.Runtime.UpdatePodSandboxResourcesAsync(new UpdatePodSandboxResourcesRequest
        {
            PodSandboxId = podId,
            Overhead = new LinuxContainerResources { MemoryLimitInBytes = Megabyte },
            Resources = new LinuxContainerResources { CpuShares = 300 },
        });

        await daemon.KillAsync();
        await daemon.StartProcessAsync();

        LinuxContainerResources reported = (await daemon.StatusAsync(id)).Resources.Linux;
        Assert.Equal((300, 64 * Megabyte), (reported.CpuShares, reported.MemoryLimitInBytes));
        PodSandboxStatusResponse status = await daemon.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = podId, Verbose = true });
        JsonNode config = JsonNode.Parse(status.Info["info"])!["config"]!;
        Assert.Equal((Megabyte, 300), ((long)config["overhead"]!["memoryLimit"]!, (long)config["resources"]!["cpuShares"]!));
    }

    private static ContainerConfig Limited(string name, params string[] command)
    {
        ContainerConfig config = Cri.Container(name, command);
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 * Megabyte, CpuQuota = 50_000, CpuPeriod = 100_000, CpuShares = 512 };
        return config;
    }

    private async Task UpdateAsync(string id, LinuxContainerResources resources) =>
        await _daemon.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest { ContainerId = id, Linux = resources });

    private Task<string> RefusedAsync(StatusCode status, string id, LinuxContainerResources resources) =>
        Cri.RefusedAsync(status, () => UpdateAsync(id, resources));

    private long MemoryLimit(string id) => long.Parse(Read(id, "memory", s_v2 ? "memory.max" : "memory.limit_in_bytes"), CultureInfo.InvariantCulture);

    /// <summary>-1: none.</summary>
    private long Quota(string id) => s_v2
        ? Read(id, "cpu", "cpu.max").Split(' ')[0] is not "max" and var quota ? long.Parse(quota, CultureInfo.InvariantCulture) : -1
        : long.Parse(Read(id, "cpu", "cpu.cfs_quota_us"), CultureInfo.InvariantCulture);

    private long Period(string id) => long.Parse(s_v2 ? Read(id, "cpu", "cpu.max").Split(' ')[1] : Read(id, "cpu", "cpu.cfs_period_us"), CultureInfo.InvariantCulture);

    /// <summary>A file of the container's own cgroup, as the host sees it.</summary>
    private string Read(string id, string controller, string file) =>
        File.ReadAllText($"/sys/fs/cgroup{(s_v2 ? "" : "/" + controller)}{_daemon.ContainerCgroup(_podId, id)}/{file}").Trim();
}
