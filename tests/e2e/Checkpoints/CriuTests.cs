using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Checkpoints;

/// <summary>Checkpoints by the distribution's criu, on a kernel that it knows: tests/v2 runs these, in its machine.</summary>
public sealed class CriuTests
{
    private const string Counting = "i=0; mkdir /data; rm /bin/true; while true; do i=$((i+1)); echo count $i; echo $i > /data/n; sleep 0.2; done";

    [Fact(Explicit = true)]
    public async Task A_container_goes_on_in_another_pod_where_it_stood()
    {
        await using Daemon daemon = await CheckpointTests.StartAsync("criu", _ => "");
        (_, _, string id) = await CheckpointTests.RunAsync(daemon, Counting);
        await Wait.UntilAsync("the container to count", async () => await CountAsync(daemon, id) >= 3);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });
        int saved = await CountAsync(daemon, id);
        await Wait.UntilAsync("the saved container to go on", async () => await CountAsync(daemon, id) > saved);

        PodSandboxConfig pod = daemon.Pod("other");
        pod.Linux.SecurityContext.NamespaceOptions = CheckpointTests.OwnPids();
        string podId = await daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("restored");
        config.Image.Image = archive;
        config.Linux.SecurityContext.NamespaceOptions = CheckpointTests.OwnPids();
        string restored = await daemon.StartNewAsync(podId, pod, config);
        int first = await FirstCountAsync(Path.Join(pod.LogDirectory, config.LogPath));
        Assert.InRange(first, 3, saved + 2);
        Assert.Equal(127, await RunAsync(daemon, restored));
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = restored, Timeout = 0 });
        Assert.Equal(137, (await daemon.ExitAsync(restored)).ExitCode);
    }

    [Fact(Explicit = true)]
    public async Task A_pod_goes_on_where_it_stood_after_it_was_removed()
    {
        await using Daemon daemon = await CheckpointTests.StartAsync("criu-pod", _ => "");
        (PodSandboxConfig pod, string podId, string id) = await CheckpointTests.RunAsync(daemon, Counting);
        await Wait.UntilAsync("the container to count", async () => await CountAsync(daemon, id) >= 3);
        string archive = Path.Join(daemon.Base, "pod.tar");
        await daemon.Runtime.CheckpointPodAsync(new CheckpointPodRequest { PodSandboxId = podId, OutputPath = archive });
        await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });

        ContainerConfig config = Cri.Container("saved");
        config.LogPath = "again.log";
        config.Linux.SecurityContext.NamespaceOptions = CheckpointTests.OwnPids();
        RestorePodResponse restored = await daemon.Runtime.RestorePodAsync(new RestorePodRequest { CheckpointPath = archive, Config = pod, ContainerConfigs = { config } });
        Assert.Equal("saved", Assert.Single(restored.RestoredContainers).Name);
        Assert.True(await FirstCountAsync(Path.Join(pod.LogDirectory, config.LogPath)) >= 3);
    }

    /// <summary>Its pids are those that it had, in the other pod's pid namespace; the terminal is a new one, and its controlling one.</summary>
    [Fact(Explicit = true)]
    public async Task A_terminal_and_the_pods_pids_come_back_in_another_pod()
    {
        await using Daemon daemon = await CheckpointTests.StartAsync("criu-kinds", _ => "");
        (PodSandboxConfig pod, string podId) = await CheckpointTests.PodAsync(daemon, NamespaceMode.Pod);
        ContainerConfig saved = CheckpointTests.Container("saved", NamespaceMode.Pod, "trap 'echo interrupted $$' INT; " + Counting, terminal: true);
        string id = await daemon.StartNewAsync(podId, pod, saved);
        await Wait.UntilAsync("the container to count", async () => await CountAsync(daemon, id) >= 3);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });

        (PodSandboxConfig other, string otherId) = await CheckpointTests.PodAsync(daemon, NamespaceMode.Pod, "other");
        ContainerConfig config = CheckpointTests.Container("restored", NamespaceMode.Pod, archive, terminal: true);
        string restored = await daemon.StartNewAsync(otherId, other, config);
        string log = Path.Join(other.LogDirectory, config.LogPath);
        Assert.True(await FirstCountAsync(log) >= 3);
        await CheckpointTests.TypeAsync(daemon, restored, "\u0003");
        await Wait.UntilAsync("the interrupt", async () => (await Cri.MessagesAsync(log)).Contains("interrupted 2", StringComparison.Ordinal));
    }

    /// <summary>/bin/true, which the saved container had removed.</summary>
    private static async Task<int> RunAsync(Daemon daemon, string id)
    {
        try
        {
            return (await daemon.ExecAsync(id, "/bin/true")).ExitCode;
        }
        catch (RpcException e) when (e.Status.Detail.Contains("no such file", StringComparison.Ordinal))
        {
            return 127;
        }
    }

    /// <summary>Where the restored container goes on to count, by its log.</summary>
    private static async Task<int> FirstCountAsync(string log)
    {
        await Wait.UntilAsync("the restored container to count", async () => (await Cri.MessagesAsync(log)).Contains("count ", StringComparison.Ordinal));
        return int.Parse((await Cri.MessagesAsync(log)).Split('\n')[0].TrimEnd('\r').Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<int> CountAsync(Daemon daemon, string id)
    {
        string text = System.Text.Encoding.UTF8.GetString((await daemon.ExecAsync(id, "cat", "/data/n")).Stdout.Span).Trim();
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int count) ? count : 0;
    }
}
