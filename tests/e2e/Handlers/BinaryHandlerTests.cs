using System.Globalization;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Handlers;

/// <summary>Pods whose containers the distribution's runc and crun make: for the user everything is as with the built-in runtime.</summary>
public sealed class BinaryHandlerTests(HandlerDaemon shared) : IClassFixture<HandlerDaemon>
{
    private const long Megabyte = 1 << 20;

    private readonly Daemon _daemon = shared.Daemon;

    public static TheoryData<string> Handlers => [Binaries.Runc, Binaries.Crun];

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_container_runs_logs_ends_and_leaves_nothing(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("life-" + handler, hostNetwork: false);
        string podId = await RunPodAsync(pod, handler);
        Assert.Equal(handler, (await _daemon.PodStatusAsync(podId)).RuntimeHandler);
        Assert.Equal(handler, (await _daemon.Runtime.ListPodSandboxAsync(new() { Filter = new() { Id = podId } })).Items.Single().RuntimeHandler);
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(
            podId, pod, Cri.Container("talker", "sh", "-c", "echo out; echo err >&2; hostname; ip -4 addr show eth0 | grep -c inet; touch /written; exit 42"));
        Assert.Equal((42, "Error"), (status.ExitCode, status.Reason));
        Assert.Equal(["1", "err", $"life-{handler}", "out"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Contains(status.Id, string.Join(' ', Directory.GetDirectories(StateOf(handler)).Select(Path.GetFileName)), StringComparison.Ordinal);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        Assert.DoesNotContain(status.Id, string.Join(' ', Directory.GetDirectories(StateOf(handler)).Select(Path.GetFileName)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task Programs_that_end_at_once_all_have_their_exit_code(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("short-" + handler);
        string podId = await RunPodAsync(pod, handler);
        string id = await _daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        for (int i = 0; i < 10; i++)
        {
            (ContainerStatus status, string output) = await _daemon.RunToEndAsync(podId, pod, Cri.Container($"quick{i}", "sh", "-c", $"echo {i}; exit {i}"));
            Assert.Equal((i, $"{i}\n"), (status.ExitCode, output));
        }

        ExecSyncResponse[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _daemon.ExecAsync(id, "sh", "-c", $"exit {i}")));
        Assert.Equal(Enumerable.Range(0, 20), all.Select(one => one.ExitCode));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_command_is_executed_with_its_streams_and_its_exit_code(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("exec-" + handler);
        string podId = await RunPodAsync(pod, handler);
        string id = await _daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        ExecSyncResponse response = await _daemon.ExecAsync(id, "sh", "-c", "echo out; echo err >&2; exit 5");
        Assert.Equal(("out\n", "err\n", 5), (response.Stdout.ToStringUtf8(), response.Stderr.ToStringUtf8(), response.ExitCode));
        string refused = await Cri.RefusedAsync(StatusCode.Unknown, () => _daemon.ExecAsync(id, "nosuch"));
        Assert.Contains("nosuch", refused, StringComparison.Ordinal);
        Assert.Contains("runtime handler " + handler, refused, StringComparison.Ordinal);
        ExecSyncRequest endless = new() { ContainerId = id, Cmd = { "sleep", "7655" }, Timeout = 1 };
        await Cri.RefusedAsync(StatusCode.DeadlineExceeded, () => _daemon.Runtime.ExecSyncAsync(endless).ResponseAsync);
        Assert.DoesNotContain("sleep 7655", await _daemon.ExecTextAsync(id, "ps"), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(BundleOf(podId, id)), file => Path.GetFileName(file).StartsWith("exec-", StringComparison.Ordinal));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task Terminals_of_execs_and_of_containers_have_sizes_and_echo(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("tty-" + handler);
        string podId = await RunPodAsync(pod, handler);
        ContainerConfig shell = Cri.Container("shell", "sh");
        (shell.Tty, shell.Stdin) = (true, true);
        string id = await _daemon.StartNewAsync(podId, pod, shell);
        string execUrl = (await _daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = id, Stdin = true, Stdout = true, Tty = true, Cmd = { "sh" } })).Url;
        await using (StreamClient exec = await StreamClient.ConnectAsync(execUrl))
        {
            await exec.ResizeAsync(123, 45);
            await exec.SendAsync("stty size\n");
            await exec.SeesAsync("45 123");
            await exec.SendAsync("exit 9\n");
            Assert.Equal(9, (await exec.EndAsync()).ExitCode);
        }

        string attachUrl = (await _daemon.Runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdin = true, Stdout = true, Tty = true })).Url;
        await using (StreamClient attach = await StreamClient.ConnectAsync(attachUrl))
        {
            await attach.ResizeAsync(99, 33);
            await attach.SendAsync("stty size; exit 3\n");
            await attach.SeesAsync("33 99");
        }

        Assert.Equal(3, (await _daemon.ExitAsync(id)).ExitCode);
        Assert.DoesNotContain(Directory.GetFiles(BundleOf(podId, id)), file => file.EndsWith(".sock", StringComparison.Ordinal));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task Limits_hold_change_and_their_breach_is_told(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("limits-" + handler);
        string podId = await RunPodAsync(pod, handler);
        ContainerConfig killed = Cri.Container("killed", "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1");
        killed.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 20 * Megabyte, MemorySwapLimitInBytes = 20 * Megabyte };
        ContainerStatus ended = (await _daemon.RunToEndAsync(podId, pod, killed)).Status;
        Assert.Equal((137, "OOMKilled"), (ended.ExitCode, ended.Reason));

        ContainerConfig elastic = Cri.Container("elastic");
        // The kubelet limits each size of huge pages, also on hosts where the binary finds no controller for them.
        HugepageLimit none = new() { PageSize = "2MB", Limit = 0 };
        elastic.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 64 * Megabyte, CpuQuota = 50_000, CpuPeriod = 100_000, HugepageLimits = { none } };
        string id = await _daemon.StartNewAsync(podId, pod, elastic);
        await _daemon.Runtime.UpdateContainerResourcesAsync(new UpdateContainerResourcesRequest
        {
            ContainerId = id,
            Linux = new LinuxContainerResources { MemoryLimitInBytes = 128 * Megabyte, CpuQuota = 30_000, HugepageLimits = { none } },
        });
        Assert.Equal((128 * Megabyte).ToString(CultureInfo.InvariantCulture), ReadCgroup(podId, id, "memory", "memory.max", "memory.limit_in_bytes"));
        Assert.StartsWith("30000", ReadCgroup(podId, id, "cpu", "cpu.max", "cpu.cfs_quota_us"), StringComparison.Ordinal);
        Assert.Equal(128 * Megabyte, (await _daemon.StatusAsync(id)).Resources.Linux.MemoryLimitInBytes);
        ContainerStats stats = (await _daemon.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = id })).Stats;
        Assert.InRange(stats.Memory.WorkingSetBytes.Value, 1UL, 128UL * Megabyte);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_stop_is_polite_first_and_kills_what_does_not_listen(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("stop-" + handler);
        string podId = await RunPodAsync(pod, handler);
        string polite = await _daemon.StartNewAsync(podId, pod, Cri.Container("polite", "sh", "-c", "trap 'exit 17' TERM; echo ready; while true; do sleep 0.05; done"));
        await Wait.UntilAsync("the trap", async () => (await Cri.MessagesAsync((await _daemon.StatusAsync(polite)).LogPath)).Contains("ready", StringComparison.Ordinal));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = polite, Timeout = 60 });
        Assert.Equal(17, (await _daemon.StatusAsync(polite)).ExitCode);
        string deaf = await _daemon.StartNewAsync(podId, pod, Cri.Container("deaf", "sh", "-c", "trap '' TERM; while true; do sleep 0.05; done"));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = deaf, Timeout = 1 });
        Assert.Equal(137, (await _daemon.StatusAsync(deaf)).ExitCode);
        string waiting = await _daemon.CreateAsync(podId, pod, Cri.Container("waiting"));
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = waiting });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_program_that_does_not_exist_is_named_by_the_runtimes_own_words(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("missing-" + handler);
        string podId = await RunPodAsync(pod, handler);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.StartNewAsync(podId, pod, Cri.Container("none", "/no/such/program")));
        Assert.Contains("/no/such/program", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("runtime handler " + handler, refused.Status.Detail, StringComparison.Ordinal);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Fact]
    public async Task Status_tells_of_each_handler_what_it_can()
    {
        StatusResponse status = await _daemon.Runtime.StatusAsync(new StatusRequest());
        Assert.Equal(["", Binaries.Crun, Binaries.Runc], status.RuntimeHandlers.Select(handler => handler.Name));
        RuntimeHandlerFeatures runc = status.RuntimeHandlers.Single(handler => handler.Name == Binaries.Runc).Features;
        bool says = (await Shell.TryAsync(Binaries.Runc, "features")).Output.Contains("\"rro\"", StringComparison.Ordinal);
        Assert.Equal((says, false), (runc.RecursiveReadOnlyMounts, runc.UserNamespaces));
        Assert.True(status.RuntimeHandlers.Single(handler => handler.Name.Length == 0).Features.RecursiveReadOnlyMounts);
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task Volumes_of_images_are_whole_or_a_part_and_read_only(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("image-volume-" + handler);
        string podId = await RunPodAsync(pod, handler);
        ContainerConfig config = Cri.Container("reader", "sh", "-c", "cat /whole/etc/passwd | head -n 1; ls /part; head -n 1 /file; touch /part/new || echo refused");
        foreach ((string target, string subPath) in new[] { ("/whole", ""), ("/part", "etc"), ("/file", "etc/group") })
            config.Mounts.Add(new Mount { ContainerPath = target, Readonly = true, Image = new ImageSpec { Image = Cri.Busybox }, ImageSubPath = subPath });
        (_, string output) = await _daemon.RunToEndAsync(podId, pod, config);
        string[] expected = ["root:x:0:0:root:/root:/bin/sh", "group", "passwd", "root:x:0:", "refused"];
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("touch:", StringComparison.Ordinal)));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task What_a_handler_cannot_do_is_refused_in_words(string handler)
    {
        PodSandboxConfig pod = _daemon.Pod("refused-" + handler);
        string podId = await RunPodAsync(pod, handler);
        ContainerConfig bytes = Cri.Container("bytes");
        bytes.Envs.Add(new KeyValue { Key = "RAW", Value = Google.Protobuf.ByteString.CopyFrom(0x66, 0xff) });
        Assert.Contains("RAW", await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(podId, pod, bytes)), StringComparison.Ordinal);
        PodSandboxConfig mapped = _daemon.Pod("mapped-" + handler);
        IDMapping range = new() { ContainerId = 0, HostId = 100_000, Length = 65_536 };
        mapped.Linux.SecurityContext.NamespaceOptions.UsernsOptions = new UserNamespace { Mode = NamespaceMode.Pod, Uids = { range }, Gids = { range } };
        Assert.Contains(handler, await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => RunPodAsync(mapped, handler)), StringComparison.Ordinal);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    private async Task<string> RunPodAsync(PodSandboxConfig pod, string handler) =>
        (await _daemon.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = pod, RuntimeHandler = handler })).PodSandboxId;

    private string StateOf(string handler) => Path.Combine(_daemon.Run, "runtimes", handler);

    private string BundleOf(string podId, string id) => Path.Combine(_daemon.Run, "pods", podId, "bundles", id);

    private string ReadCgroup(string podId, string id, string controller, string unified, string legacy)
    {
        string path = _daemon.ContainerCgroup(podId, id);
        return File.Exists("/sys/fs/cgroup/cgroup.controllers")
            ? File.ReadAllText($"/sys/fs/cgroup{path}/{unified}").Trim()
            : File.ReadAllText($"/sys/fs/cgroup/{controller}{path}/{legacy}").Trim();
    }
}
