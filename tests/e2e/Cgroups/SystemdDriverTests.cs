using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Cgroups;

/// <summary>What only a host with systemd on cgroup v2 can show: run by name in the virtual machine of tests/v2.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class SystemdDriverTests(SharedDaemon shared)
{
    private static readonly string[] s_limits = ["memory.max", "memory.oom.group", "cpu.weight", "pids.max"];

    private readonly Daemon _daemon = shared.Daemon;

    [Fact(Explicit = true)]
    public async Task A_container_is_a_scope_in_the_slice_that_the_kubelet_names_and_keeps_its_limits_through_reload_and_reexec()
    {
        string slice = $"kubetest{Guid.NewGuid():n}-burstable-pod1.slice";
        string path = $"/{slice.Split('-')[0]}.slice/{slice.Split('-')[0]}-burstable.slice/{slice}";
        PodSandboxConfig pod = _daemon.Pod("systemd-limits");
        pod.Linux.CgroupParent = path; // as the kubelet writes it
        string podId = await _daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("limited", "sleep", "1000");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 << 20, CpuShares = 512, CpuQuota = 50_000, CpuPeriod = 100_000, Unified = { ["memory.oom.group"] = "1" } };
        string id = await _daemon.StartNewAsync(podId, pod, config);
        string cgroup = $"/sys/fs/cgroup{path}/criruntime-{id}.scope";
        string scope = Path.GetFileName(cgroup);

        Assert.Equal("67108864", await PropertyAsync(scope, "MemoryMax"));
        Assert.Equal(slice, await PropertyAsync(scope, "Slice"));
        string[] before = Read(cgroup);
        Assert.Equal(("67108864", "1", "max"), (before[0], before[1], before[3]));
        foreach (string command in (string[])["daemon-reload", "daemon-reexec"])
        {
            await Shell.RunAsync("systemctl", command);
            await Wait.UntilAsync($"the limits to be what they were before {command}", () => Read(cgroup).SequenceEqual(before));
        }

        await _daemon.Runtime.UpdateContainerResourcesAsync(
            new UpdateContainerResourcesRequest { ContainerId = id, Linux = new LinuxContainerResources { MemoryLimitInBytes = 96 << 20, CpuQuota = 70_000 } });
        await Shell.RunAsync("systemctl", "daemon-reload");
        Assert.Equal(("100663296", "70000 100000"), (File.ReadAllText(cgroup + "/memory.max").Trim(), File.ReadAllText(cgroup + "/cpu.max").Trim()));
        Assert.StartsWith("0::/", await _daemon.ExecTextAsync(id, "cat", "/proc/self/cgroup"), StringComparison.Ordinal);
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(id)).State);

        await RemoveAsync(podId);
        Assert.False(Directory.Exists(cgroup));
        await Wait.UntilAsync("systemd to forget the scope", async () => await PropertyAsync(scope, "LoadState") == "not-found");
        Assert.True(Directory.Exists("/sys/fs/cgroup" + path), "the kubelet's slice is the kubelet's to remove");
        await Shell.RunAsync("systemctl", "stop", slice.Split('-')[0] + ".slice");
    }

    [Fact(Explicit = true)]
    public async Task The_kubelet_is_told_the_driver_and_a_path_is_refused_in_words_that_help()
    {
        RuntimeConfigResponse told = await _daemon.Runtime.RuntimeConfigAsync(new RuntimeConfigRequest());
        PodSandboxConfig pod = _daemon.Pod("systemd-path");
        pod.Linux.CgroupParent = "/kubepods/burstable/pod1";

        string message = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.RunPodAsync(pod));

        Assert.Equal(CgroupDriver.Systemd, told.Linux.CgroupDriver);
        Assert.Contains("cgroup driver is systemd", message, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Monitors_live_in_scopes_of_their_own()
    {
        string podId = await _daemon.RunPodAsync(_daemon.Pod("systemd-monitor"));
        string pid = (await File.ReadAllTextAsync(Path.Combine(_daemon.Run, "pods", podId, "conmon.pid"))).Trim();
        string cgroup = await File.ReadAllTextAsync($"/proc/{pid}/cgroup");

        Assert.EndsWith($"-monitors.slice/criruntime-monitor-{podId}.scope", cgroup.Trim(), StringComparison.Ordinal);
        await RemoveAsync(podId);
        await Wait.UntilAsync("the monitor's scope to go", async () => await PropertyAsync($"criruntime-monitor-{podId}.scope", "LoadState") == "not-found");
    }

    [Theory(Explicit = true)]
    [InlineData("exec dd if=/dev/zero of=/dev/null bs=200M count=1", 137)]
    [InlineData("dd if=/dev/zero of=/dev/null bs=200M count=1", 137)]
    [InlineData("dd if=/dev/zero of=/dev/null bs=200M count=1; exit 3", 3)]
    public async Task A_container_over_its_memory_limit_is_told_apart_though_systemd_removes_its_cgroup_at_once(string script, int exitCode)
    {
        PodSandboxConfig pod = _daemon.Pod("systemd-oom");
        string podId = await _daemon.RunPodAsync(pod);
        for (int i = 0; i < 2; i++)
        {
            ContainerConfig config = Cri.Container($"greedy{i}", "sh", "-c", script);
            config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 20 << 20, MemorySwapLimitInBytes = 20 << 20 };
            ContainerStatus status = (await _daemon.RunToEndAsync(podId, pod, config)).Status;
            Assert.Equal((exitCode, "OOMKilled"), (status.ExitCode, status.Reason));
            (ContainerStatus beside, _) = await _daemon.RunToEndAsync(podId, pod, Cri.Container($"modest{i}", "sh", "-c", "exit 4"));
            Assert.Equal((4, "Error"), (beside.ExitCode, beside.Reason));
        }

        await RemoveAsync(podId);
    }

    private static string[] Read(string cgroup) => [.. s_limits.Select(file => File.ReadAllText($"{cgroup}/{file}").Trim())];

    private static async Task<string> PropertyAsync(string unit, string property) =>
        (await Shell.RunAsync("systemctl", "show", "--value", "-p", property, unit)).Trim();

    private async Task RemoveAsync(string podId)
    {
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }
}
