using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>kill -9 of the daemon with pods running: nothing is lost.</summary>
public sealed class KilledDaemonTests
{
    [Fact]
    public async Task Pods_go_on_and_are_adopted_with_what_happened_meanwhile()
    {
        await using Daemon daemon = await Daemon.StartAsync("killed", Networks.Bridge);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("survivor", hostNetwork: false);
        string podId = await daemon.RunPodAsync(pod);
        string ip = (await daemon.PodStatusAsync(podId)).Network.Ip;
        string counting = await daemon.StartNewAsync(podId, pod, Cri.Container("counting", "sh", "-c", "i=0; while true; do echo $i; i=$((i+1)); sleep 0.01; done"));
        string ending = await daemon.StartNewAsync(podId, pod, Cri.Container("ending", "sh", "-c", "while [ ! -e /tmp/end ]; do sleep 0.02; done; exit 42"));
        string waiting = await daemon.CreateAsync(podId, pod, Cri.Container("waiting"));
        await daemon.ExecTextAsync(ending, "sh", "-c", "(sleep 1; touch /tmp/end) >/dev/null 2>&1 &");

        await daemon.KillAsync();
        string log = Path.Combine(pod.LogDirectory, "counting.log");
        int before = (await File.ReadAllLinesAsync(log)).Length;
        await Task.Delay(1500);
        await daemon.StartProcessAsync();

        Assert.True((await File.ReadAllLinesAsync(log)).Length > before, "the log went on without the daemon");
        Assert.Equal(PodSandboxState.SandboxReady, (await daemon.PodStatusAsync(podId)).State);
        Assert.Equal(ip, (await daemon.PodStatusAsync(podId)).Network.Ip);
        Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(counting)).State);
        ContainerStatus ended = await daemon.ExitAsync(ending);
        Assert.Equal(42, ended.ExitCode);
        Assert.True(ended.FinishedAt > ended.StartedAt);

        // All of it can still be used.
        await daemon.StartAsync(waiting);
        Assert.Equal("hello\n", await daemon.ExecTextAsync(counting, "echo", "hello"));
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = counting, Timeout = 0 });
        string[] messages = [.. (await File.ReadAllLinesAsync(log)).Select(line => line.Split(' ', 4)[3])];
        Assert.Equal(Enumerable.Range(0, messages.Length).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), messages);
        Assert.Equal(Cri.Busybox, (await daemon.Images.ListImagesAsync(new ListImagesRequest())).Images.Single().RepoTags.Single());
    }

    [Fact]
    public async Task A_pod_with_a_user_namespace_goes_on_and_takes_further_containers()
    {
        await using Daemon daemon = await Daemon.StartAsync("killed-userns", Networks.Bridge);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        IDMapping range = new() { ContainerId = 0, HostId = 100_000, Length = 65_536 };
        UserNamespace options = new() { Mode = NamespaceMode.Pod, Uids = { range }, Gids = { range } };
        ContainerConfig Container(string name)
        {
            ContainerConfig config = Cri.Container(name);
            config.Linux.SecurityContext.NamespaceOptions.UsernsOptions = options;
            return config;
        }

        PodSandboxConfig pod = daemon.Pod("mapped", hostNetwork: false);
        pod.Linux.SecurityContext.NamespaceOptions.UsernsOptions = options;
        string podId = await daemon.RunPodAsync(pod);
        string first = await daemon.StartNewAsync(podId, pod, Container("first"));
        string waiting = await daemon.CreateAsync(podId, pod, Container("waiting"));
        await daemon.KillAsync();
        await daemon.StartProcessAsync();
        await daemon.StartAsync(waiting);
        string second = await daemon.StartNewAsync(podId, pod, Container("second"));
        foreach (string id in (string[])[first, waiting, second])
            Assert.Contains("100000", await daemon.ExecTextAsync(id, "cat", "/proc/self/uid_map"), StringComparison.Ordinal);
        Assert.Equal(100_000u, (await daemon.PodStatusAsync(podId)).Linux.Namespaces.Options.UsernsOptions.Uids.Single().HostId);
    }

    [Fact]
    public async Task A_pod_whose_monitor_was_killed_is_reported_not_ready_and_can_be_removed()
    {
        await using Daemon daemon = await Daemon.StartAsync("monitor-killed", Networks.Bridge);
        daemon.ExpectError("monitor");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("orphan", hostNetwork: false);
        string podId = await daemon.RunPodAsync(pod);
        string container = await daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        string monitor = (await File.ReadAllTextAsync(Path.Combine(daemon.Run, "pods", podId, "conmon.pid"))).Trim();
        await Shell.RunAsync("kill", "-KILL", monitor);
        ContainerStatus status = await daemon.ExitAsync(container);
        Assert.NotEqual(0, status.ExitCode);
        Assert.Equal(PodSandboxState.SandboxNotready, (await daemon.PodStatusAsync(podId)).State);
    }

    [Fact]
    public async Task Killed_while_pods_are_being_made_the_next_daemon_converges()
    {
        await using Daemon daemon = await Daemon.StartAsync("killed-busy", Networks.Bridge);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        for (int round = 0; round < 6; round++)
        {
            Task[] work = [.. Enumerable.Range(0, 6).Select(i => CreateAndForgetAsync(daemon, $"busy-{round}-{i}"))];
            await Task.Delay(20 * round);
            await daemon.KillAsync();
            await Task.WhenAll(work);
            await daemon.StartProcessAsync();
        }

        // Disposing the daemon removes what is listed and then looks for anything else that is left.
    }

    [Fact]
    public async Task Killed_while_pods_are_being_stopped_and_removed_the_next_daemon_converges()
    {
        await using Daemon daemon = await Daemon.StartAsync("killed-ending", Networks.Bridge);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        for (int round = 0; round < 6; round++)
        {
            List<string> pods = [];
            for (int i = 0; i < 4; i++)
            {
                PodSandboxConfig pod = daemon.Pod($"ending-{round}-{i}", hostNetwork: false);
                pods.Add(await daemon.RunPodAsync(pod));
                await daemon.StartNewAsync(pods[^1], pod, Cri.Container("main"));
            }

            Task[] work = [.. pods.Select(id => RemoveAndForgetAsync(daemon, id))];
            await Task.Delay(10 * round);
            await daemon.KillAsync();
            await Task.WhenAll(work);
            await daemon.StartProcessAsync();
            foreach (string id in pods)
                await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
            Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(daemon.Root, "owed")));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(daemon.Base, "ipam"), "10.99.*", SearchOption.AllDirectories), File.Exists); // no address is still taken
    }

    [Fact]
    public async Task SIGTERM_ends_the_daemon_and_leaves_containers_alone()
    {
        await using Daemon daemon = await Daemon.StartAsync("terminated");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("stays");
        string podId = await daemon.RunPodAsync(pod);
        string container = await daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        await daemon.TerminateAsync();
        await daemon.StartProcessAsync();
        Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(container)).State);
    }

    private static async Task CreateAndForgetAsync(Daemon daemon, string name)
    {
        try
        {
            PodSandboxConfig pod = daemon.Pod(name, hostNetwork: false);
            string id = await daemon.RunPodAsync(pod);
            await daemon.StartNewAsync(id, pod, Cri.Container("main"));
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or HttpRequestException or IOException)
        {
            // The daemon was killed under the call; that is the test.
            return;
        }
    }

    private static async Task RemoveAndForgetAsync(Daemon daemon, string id)
    {
        try
        {
            await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or HttpRequestException or IOException)
        {
            // The daemon was killed under the call; that is the test.
            return;
        }
    }
}
