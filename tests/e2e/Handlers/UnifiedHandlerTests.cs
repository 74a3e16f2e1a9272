using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Handlers;

/// <summary>runc and crun on a host with cgroup v2 alone, with the cgroup driver of the run: run by name in the virtual machine of tests/v2.</summary>
public sealed class UnifiedHandlerTests(HandlerDaemon shared) : IClassFixture<HandlerDaemon>
{
    private readonly Daemon _daemon = shared.Daemon;

    public static TheoryData<string> Handlers => [Binaries.Runc, Binaries.Crun];

    [Theory(Explicit = true), MemberData(nameof(Handlers))]
    public async Task A_container_has_its_limits_where_the_driver_puts_it_and_outgrowing_them_is_told(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("unified-" + handler);
        string podId = await RunPodAsync(pod, handler);
        ContainerConfig config = Cri.Container("elastic");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 << 20, CpuQuota = 50_000, CpuPeriod = 100_000, CpuShares = 512 };
        string id = await _daemon.StartNewAsync(podId, pod, config);
        string cgroup = "/sys/fs/cgroup" + _daemon.ContainerCgroup(podId, id);
        Assert.Equal(["67108864", "50000 100000"], Limits(cgroup));
        Assert.NotEmpty(await File.ReadAllLinesAsync(cgroup + "/cgroup.procs"));
        Assert.Equal("0::/", (await _daemon.ExecTextAsync(id, "cat", "/proc/self/cgroup")).Trim());

        await _daemon.Runtime.UpdateContainerResourcesAsync(
            new UpdateContainerResourcesRequest { ContainerId = id, Linux = new LinuxContainerResources { MemoryLimitInBytes = 96 << 20, CpuQuota = 70_000 } });
        Assert.Equal(["100663296", "70000 100000"], Limits(cgroup));
        ContainerStats stats = (await _daemon.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = id })).Stats;
        Assert.InRange(stats.Memory.WorkingSetBytes.Value, 1UL, 96UL << 20);
        if (Programs.SystemdCgroups)
            await CheckScopeAsync(cgroup);

        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 0 });
        Assert.Equal(137, (await _daemon.StatusAsync(id)).ExitCode);
        await CheckOutOfMemoryAsync(pod, podId);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        Assert.False(Directory.Exists(cgroup));
    }

    /// <summary>What outgrows its limit is told as killed for it, and what ends after that in the same pod is not.</summary>
    private async Task CheckOutOfMemoryAsync(PodSandboxConfig pod, string podId)
    {
        ContainerConfig greedy = Cri.Container("greedy", "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1");
        greedy.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 20 << 20, MemorySwapLimitInBytes = 20 << 20 };
        ContainerStatus ended = (await _daemon.RunToEndAsync(podId, pod, greedy)).Status;
        Assert.Equal((137, "OOMKilled"), (ended.ExitCode, ended.Reason));
        (ContainerStatus beside, string output) = await _daemon.RunToEndAsync(podId, pod, Cri.Container("modest", "sh", "-c", "echo here; exit 4"));
        Assert.Equal((4, "Error", "here\n"), (beside.ExitCode, beside.Reason, output));
    }

    /// <summary>The scope knows the limits: a reload, which applies what it knows, changes nothing.</summary>
    private static async Task CheckScopeAsync(string cgroup)
    {
        string memory = await Shell.RunAsync("systemctl", "show", "--value", "-p", "MemoryMax", Path.GetFileName(cgroup));
        Assert.Equal("100663296", memory.Trim());
        await Shell.RunAsync("systemctl", "daemon-reload");
        Assert.Equal(["100663296", "70000 100000"], Limits(cgroup));
    }

    private static string[] Limits(string cgroup) => [File.ReadAllText(cgroup + "/memory.max").Trim(), File.ReadAllText(cgroup + "/cpu.max").Trim()];

    private async Task<string> RunPodAsync(PodSandboxConfig pod, string handler) =>
        (await _daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod, RuntimeHandler = handler })).PodSandboxId;
}
