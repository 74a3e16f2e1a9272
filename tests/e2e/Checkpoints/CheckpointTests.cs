using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Checkpoints;

/// <summary>Everything about checkpoints but criu itself: archives, refusals, and how a restored process becomes a container.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public async Task A_container_is_saved_and_restored_with_its_files_its_log_and_its_exit_code()
    {
        await using Daemon daemon = await StartAsync("ckpt", d => FakeCriu.Make(d, restored: "echo restored; while [ ! -e $0.end ]; do sleep 0.1; done; exit 7"));
        (PodSandboxConfig pod, string podId, string id) = await RunAsync(daemon, "touch /proof; rm /bin/true; exec sleep 1000");
        await Wait.UntilAsync("the container's files", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0 && (await daemon.ExecAsync(id, "test", "!", "-e", "/bin/true")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(id)).State);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Join(daemon.Root, "checkpoints")));

        ContainerConfig config = Cri.Container("restored");
        config.Image.Image = archive;
        config.Linux.SecurityContext.NamespaceOptions = OwnPids();
        string restored = await daemon.StartNewAsync(podId, pod, config);
        Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(restored)).State);
        await Wait.UntilAsync("its output", async () => (await Cri.MessagesAsync(Path.Join(pod.LogDirectory, config.LogPath))).Contains("restored", StringComparison.Ordinal));
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = restored, Timeout = 0 });
        Assert.Equal(137, (await daemon.ExitAsync(restored)).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Join(daemon.Root, "checkpoints")));
    }

    [Fact]
    public async Task A_containers_terminal_is_a_new_one_when_it_is_restored()
    {
        await using Daemon daemon = await StartAsync("ckpt-tty", d => FakeCriu.Make(d, restored: "test -t 0 && echo on $(readlink -f /proc/self/fd/0); read line; echo read $line; exit 3"));
        (PodSandboxConfig pod, string podId) = await PodAsync(daemon, NamespaceMode.Container);
        string id = await daemon.StartNewAsync(podId, pod, Container("saved", NamespaceMode.Container, "touch /proof; exec sleep 1000", terminal: true));
        await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });

        ContainerConfig plain = Container("plain", NamespaceMode.Container, archive);
        Assert.Contains("config.tty to true", await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => daemon.CreateAsync(podId, pod, plain)), StringComparison.Ordinal);
        ContainerConfig config = Container("restored", NamespaceMode.Container, archive, terminal: true);
        string restored = await daemon.StartNewAsync(podId, pod, config);
        string log = Path.Join(pod.LogDirectory, config.LogPath);
        await Wait.UntilAsync("the terminal", async () => (await Cri.MessagesAsync(log)).Contains("on /dev/pts/", StringComparison.Ordinal));
        await TypeAsync(daemon, restored, "words\r");
        Assert.Equal(3, (await daemon.ExitAsync(restored)).ExitCode);
        Assert.Contains("read words", await Cri.MessagesAsync(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_shares_its_pods_pids_is_restored_into_a_pod_that_does()
    {
        await using Daemon daemon = await StartAsync("ckpt-pids", d => FakeCriu.Make(d, restored: "stat -Lc %i /proc/self/fd/3; exec sleep 1000"));
        (PodSandboxConfig pod, string podId) = await PodAsync(daemon, NamespaceMode.Pod);
        string id = await daemon.StartNewAsync(podId, pod, Container("saved", NamespaceMode.Pod, "touch /proof; exec sleep 1000"));
        await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });

        string refused = await Cri.RefusedAsync(
            StatusCode.FailedPrecondition, () => daemon.CreateAsync(podId, pod, Container("own", NamespaceMode.Container, archive)));
        Assert.Contains("namespace_options.pid to POD", refused, StringComparison.Ordinal);
        ContainerConfig config = Container("restored", NamespaceMode.Pod, archive);
        await daemon.StartNewAsync(podId, pod, config);
        string pids = new FileInfo($"/proc/{await daemon.PidAsync(id)}/ns/pid").LinkTarget!;
        await Wait.UntilAsync("criu's descriptor", async () => (await Cri.MessagesAsync(Path.Join(pod.LogDirectory, config.LogPath))).Trim() is { Length: > 0 } inode && pids == $"pid:[{inode}]");
    }

    [Fact]
    public async Task A_process_that_has_lost_its_parent_in_the_pods_pid_namespace_is_not_left_out_in_silence()
    {
        await using Daemon daemon = await StartAsync("ckpt-orphan", d => FakeCriu.Make(d));
        (PodSandboxConfig pod, string podId) = await PodAsync(daemon, NamespaceMode.Pod);
        string id = await daemon.StartNewAsync(podId, pod, Container("saved", NamespaceMode.Pod, "(sleep 1000 & exit); touch /proof; exec sleep 1000"));
        await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string message = await Cri.RefusedAsync(
            StatusCode.FailedPrecondition,
            () => daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = Path.Join(daemon.Base, "c.tar") }).ResponseAsync);
        Assert.Contains("has lost its parent", message, StringComparison.Ordinal);
        await AssertNothingHappenedAsync(daemon, id);
    }

    [Fact]
    public async Task A_restored_process_that_ends_at_once_has_its_exit_code()
    {
        await using Daemon daemon = await StartAsync("ckpt-early", d => FakeCriu.Make(d, restored: "exit 7"));
        (PodSandboxConfig pod, string podId, string id) = await RunAsync(daemon, "touch /proof; exec sleep 1000");
        await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "c.tar");
        await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });
        for (int i = 0; i < 5; i++)
        {
            ContainerConfig config = Cri.Container($"early{i}");
            config.Image.Image = archive;
            config.Linux.SecurityContext.NamespaceOptions = OwnPids();
            string restored = await daemon.StartNewAsync(podId, pod, config);
            Assert.Equal(7, (await daemon.ExitAsync(restored)).ExitCode);
        }
    }

    /// <summary>A test's process, init, the saved container's own: neither adopted nor signalled.</summary>
    [Fact]
    public async Task A_process_that_criu_did_not_leave_behind_is_refused_and_not_signalled()
    {
        using System.Diagnostics.Process stranger = System.Diagnostics.Process.Start("sleep", "1000");
        try
        {
            await using Daemon daemon = await StartAsync("ckpt-stranger", d => FakeCriu.Make(d, named: "\"$(cat \"$0.stranger\")\""));
            (PodSandboxConfig pod, string podId, string id) = await RunAsync(daemon, "touch /proof; exec sleep 1000");
            await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
            string archive = Path.Join(daemon.Base, "c.tar");
            await daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive });
            int sibling = await daemon.PidAsync(id);
            foreach (int pid in (int[])[stranger.Id, 1, sibling])
            {
                File.WriteAllText(Path.Join(daemon.Base, "criu.stranger"), $"{pid}");
                ContainerConfig config = Cri.Container($"stranger{pid}");
                config.Image.Image = archive;
                config.Linux.SecurityContext.NamespaceOptions = OwnPids();
                string restored = await daemon.CreateAsync(podId, pod, config);
                string message = await Cri.RefusedAsync(
                    StatusCode.FailedPrecondition, () => daemon.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = restored }).ResponseAsync);
                Assert.Contains("is not one that it has left behind", message, StringComparison.Ordinal);
                Assert.Equal(128, (await daemon.ExitAsync(restored)).ExitCode);
                await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = restored, Timeout = 0 });
                await daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = restored });
            }

            Assert.False(stranger.HasExited);
            Assert.Equal("on\n", await daemon.ExecTextAsync(id, "echo", "on"));
        }
        finally
        {
            stranger.Kill();
            await stranger.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_pod_is_saved_and_restored_with_all_its_containers()
    {
        await using Daemon daemon = await StartAsync("ckpt-pod", d => FakeCriu.Make(d));
        (PodSandboxConfig pod, string podId, string first) = await RunAsync(daemon, "touch /proof; exec sleep 1000");
        ContainerConfig second = Cri.Container("second", "sh", "-c", "touch /proof; exec sleep 1000");
        second.Image.Image = "docker.io/library/busybox:e2e";
        second.Linux.SecurityContext.NamespaceOptions = OwnPids();
        string secondId = await daemon.StartNewAsync(podId, pod, second);
        foreach (string id in (string[])[first, secondId])
            await Wait.UntilAsync("the container's file", async () => (await daemon.ExecAsync(id, "test", "-e", "/proof")).ExitCode == 0);
        string archive = Path.Join(daemon.Base, "pod.tar");
        await daemon.Runtime.CheckpointPodAsync(new CheckpointPodRequest { PodSandboxId = podId, OutputPath = archive });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(first)).State);

        RestorePodRequest request = new() { CheckpointPath = archive, Config = pod };
        request.ContainerConfigs.Add(second);
        await Cri.RefusedAsync(StatusCode.AlreadyExists, () => daemon.Runtime.RestorePodAsync(request).ResponseAsync);
        await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        string missing = await Cri.RefusedAsync(StatusCode.InvalidArgument, () => daemon.Runtime.RestorePodAsync(request).ResponseAsync);
        Assert.Contains("container saved", missing, StringComparison.Ordinal);
        Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);

        ContainerConfig saved = Cri.Container("saved");
        saved.Linux.SecurityContext.NamespaceOptions = OwnPids();
        request.ContainerConfigs.Add(saved);
        RestorePodResponse restored = await daemon.Runtime.RestorePodAsync(request);
        Assert.Equal(["saved", "second"], restored.RestoredContainers.Select(one => one.Name));
        foreach (RestoredContainer one in restored.RestoredContainers)
            Assert.Equal(ContainerState.ContainerRunning, (await daemon.StatusAsync(one.ContainerId)).State);
        Assert.Equal(restored.PodSandboxId, Assert.Single((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items).Id);
        string log = Path.Join(pod.LogDirectory, saved.LogPath);
        await Wait.UntilAsync("its output", async () => (await Cri.MessagesAsync(log)).Contains("restored", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_criu_says_is_the_reason_and_the_container_goes_on()
    {
        await using Daemon daemon = await StartAsync(
            "ckpt-no", d => FakeCriu.Make(d, dump: "echo '(00.1) Error (criu/vdso.c:1): vdso: Unexpected rt vDSO area bounds' > \"$work/dump.log\"; exit 1"));
        (_, _, string id) = await RunAsync(daemon, "exec sleep 1000");
        string archive = Path.Join(daemon.Base, "c.tar");
        string message = await Cri.RefusedAsync(
            StatusCode.FailedPrecondition, () => daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive }).ResponseAsync);
        Assert.Contains("vdso: Unexpected rt vDSO area bounds", message, StringComparison.Ordinal);
        await AssertNothingHappenedAsync(daemon, id);
    }

    [Fact]
    public async Task A_checkpoint_that_takes_too_long_leaves_nothing_and_the_container_goes_on()
    {
        await using Daemon daemon = await StartAsync("ckpt-slow", d => FakeCriu.Make(d, dump: "while [ ! -e \"$0.go\" ]; do sleep 0.1; done"));
        (_, _, string id) = await RunAsync(daemon, "exec sleep 1000");
        string archive = Path.Join(daemon.Base, "c.tar");
        await Cri.RefusedAsync(
            StatusCode.DeadlineExceeded, () => daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = archive, Timeout = 1 }).ResponseAsync);
        File.WriteAllText(Path.Join(daemon.Base, "criu.go"), "");
        await Wait.UntilAsync("criu to end", () => Directory.GetFileSystemEntries(Path.Join(daemon.Root, "checkpoints")).Length == 0);
        await AssertNothingHappenedAsync(daemon, id);
    }

    [Fact]
    public async Task Without_criu_the_refusal_says_what_is_missing()
    {
        await using Daemon daemon = await StartAsync("ckpt-none", _ => "/nonexistent/criu");
        (PodSandboxConfig pod, string podId, string id) = await RunAsync(daemon, "exec sleep 1000");
        string message = await Cri.RefusedAsync(
            StatusCode.FailedPrecondition,
            () => daemon.Runtime.CheckpointContainerAsync(new CheckpointContainerRequest { ContainerId = id, Location = Path.Join(daemon.Base, "c.tar") }).ResponseAsync);
        Assert.Contains("/nonexistent/criu", message, StringComparison.Ordinal);
        ContainerConfig config = Cri.Container("restored");
        config.Image.Image = Path.Join(daemon.Base, "c.tar");
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => daemon.CreateAsync(podId, pod, config));
        await AssertNothingHappenedAsync(daemon, id);
    }

    /// <summary>A pod whose containers have own pids or the pod's.</summary>
    internal static async Task<(PodSandboxConfig Pod, string Id)> PodAsync(Daemon daemon, NamespaceMode pids, string name = "saved")
    {
        PodSandboxConfig pod = daemon.Pod(name);
        pod.Linux.SecurityContext.NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node, Pid = pids };
        return (pod, await daemon.RunPodAsync(pod));
    }

    /// <param name="source">What its shell is to do; or an archive, absolute, or an image from which it is restored.</param>
    internal static ContainerConfig Container(string name, NamespaceMode pids, string source, bool terminal = false)
    {
        bool restored = source.StartsWith('/');
        ContainerConfig config = restored ? Cri.Container(name) : Cri.Container(name, "sh", "-c", source);
        config.Image.Image = restored ? source : "docker.io/library/busybox:e2e";
        config.Linux.SecurityContext.NamespaceOptions = new NamespaceOption { Network = NamespaceMode.Node, Pid = pids };
        config.Tty = config.Stdin = terminal;
        return config;
    }

    /// <summary>Types on the terminal of a container.</summary>
    internal static async Task TypeAsync(Daemon daemon, string id, string text)
    {
        AttachResponse attach = await daemon.Runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdin = true, Stdout = true, Tty = true });
        await using StreamClient client = await StreamClient.ConnectAsync(attach.Url);
        await client.SendAsync(text);
        await client.SeesAsync(text == "\u0003" ? "^C" : text.TrimEnd('\r'));
    }

    internal static NamespaceOption OwnPids() => new() { Network = NamespaceMode.Node, Pid = NamespaceMode.Container };

    /// <param name="criu">Makes the program in a directory, and returns its path.</param>
    internal static async Task<Daemon> StartAsync(string name, Func<string, string> criu)
    {
        Daemon daemon = await Daemon.StartAsync(name, d => File.WriteAllText(d.ConfigFile, $$"""{ "checkpoints": { "criu": "{{criu(d.Base)}}" } }"""));
        await daemon.ImportAsync("docker.io/library/busybox:e2e", TestImages.Busybox());
        return daemon;
    }

    internal static async Task<(PodSandboxConfig Pod, string PodId, string Id)> RunAsync(Daemon daemon, string script)
    {
        PodSandboxConfig pod = daemon.Pod("saved");
        pod.Linux.SecurityContext.NamespaceOptions = OwnPids();
        string podId = await daemon.RunPodAsync(pod);
        ContainerConfig config = Cri.Container("saved", "sh", "-c", script);
        config.Image.Image = "docker.io/library/busybox:e2e";
        config.Linux.SecurityContext.NamespaceOptions = OwnPids();
        return (pod, podId, await daemon.StartNewAsync(podId, pod, config));
    }

    private static async Task AssertNothingHappenedAsync(Daemon daemon, string id)
    {
        Assert.Equal("on\n", await daemon.ExecTextAsync(id, "echo", "on"));
        Assert.DoesNotContain(Directory.GetFiles(daemon.Base), file => file.Contains("c.tar", StringComparison.Ordinal));
    }
}
