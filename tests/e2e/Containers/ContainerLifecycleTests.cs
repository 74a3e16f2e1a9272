using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

[Collection(SharedDaemonCollection.Name)]
public sealed class ContainerLifecycleTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("c-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task A_container_is_created_started_stopped_and_removed()
    {
        ContainerConfig config = Cri.Container("main");
        config.Labels["a"] = "b";
        string id = await _daemon.CreateAsync(_podId, _pod, config);
        ContainerStatus created = await _daemon.StatusAsync(id);
        Assert.Equal(ContainerState.ContainerCreated, created.State);
        Assert.Equal(0, created.StartedAt);
        Assert.Equal(Cri.Busybox, created.Image.Image);
        Assert.Equal("b", created.Labels["a"]);

        await _daemon.StartAsync(id);
        ContainerStatus running = await _daemon.StatusAsync(id);
        Assert.Equal(ContainerState.ContainerRunning, running.State);
        Assert.True(running.StartedAt >= running.CreatedAt);

        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 0 });
        ContainerStatus stopped = await _daemon.StatusAsync(id);
        Assert.Equal(ContainerState.ContainerExited, stopped.State);
        Assert.Equal(137, stopped.ExitCode);
        Assert.Equal("Error", stopped.Reason);
        Assert.True(stopped.FinishedAt >= stopped.StartedAt);

        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.StatusAsync(id));
        await _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = id });
    }

    [Theory]
    [InlineData("exit 0", 0, "Completed")]
    [InlineData("exit 7", 7, "Error")]
    [InlineData("exit 143", 143, "Error")]
    public async Task The_exit_code_and_its_reason_are_reported(string script, int code, string reason)
    {
        (ContainerStatus status, _) = await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("exits", "sh", "-c", script));
        Assert.Equal(code, status.ExitCode);
        Assert.Equal(reason, status.Reason);
    }

    [Fact]
    public async Task A_stop_signal_gives_the_container_its_grace_period()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("graceful", "sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.05; done"));
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the trap to be set", () => File.Exists(log) && File.ReadAllText(log).Contains("ready", StringComparison.Ordinal));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 20 });
        Assert.Equal(3, (await _daemon.StatusAsync(id)).ExitCode);
        Assert.Equal("ready\nbye\n", await Cri.MessagesAsync(log));
    }

    [Fact]
    public async Task A_container_that_ignores_the_stop_signal_is_killed_after_the_grace_period()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("stubborn", "sh", "-c", "trap '' TERM; while true; do sleep 0.05; done"));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 1 });
        Assert.Equal(137, (await _daemon.StatusAsync(id)).ExitCode);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_fails_the_start_and_is_named()
    {
        string id = await _daemon.CreateAsync(_podId, _pod, Cri.Container("absent", "/no/such/program"));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.StartAsync(id));
        Assert.Contains("/no/such/program", refused.Status.Detail, StringComparison.Ordinal);
        ContainerStatus status = await _daemon.StatusAsync(id);
        Assert.Equal(ContainerState.ContainerExited, status.State);
        Assert.NotEqual(0, status.ExitCode);
    }

    [Fact]
    public async Task A_container_over_its_memory_limit_is_reported_as_OOMKilled()
    {
        ContainerConfig config = Cri.Container("hungry", "sh", "-c", "x=a; while true; do x=$x$x; done");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 20 << 20 };
        (ContainerStatus status, _) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal(137, status.ExitCode);
        Assert.Equal("OOMKilled", status.Reason);
    }

    [Fact]
    public async Task Environment_working_directory_and_arguments_reach_the_program()
    {
        ContainerConfig config = Cri.Container("environment", "sh", "-c", "pwd; echo $FROM_IMAGE $FROM_POD $0", "argument");
        config.WorkingDir = "/home";
        config.Envs.Add(new KeyValue { Key = "FROM_POD", Value = Google.Protobuf.ByteString.CopyFromUtf8("also") });
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal(0, status.ExitCode);
        Assert.Equal("/home\nyes also argument\n", output);
    }

    [Fact]
    public async Task Mounts_are_visible_and_read_only_ones_refuse_writes()
    {
        string directory = Directory.CreateDirectory(Path.Combine(_daemon.Base, "volume")).FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "file"), "from the host");
        ContainerConfig config = Cri.Container("mounts", "sh", "-c", "cat /ro/file; echo; touch /ro/x 2>/dev/null || echo refused; touch /rw/new && echo written");
        config.Mounts.Add(new Mount { HostPath = directory, ContainerPath = "/ro", Readonly = true });
        config.Mounts.Add(new Mount { HostPath = directory, ContainerPath = "/rw" });
        (_, string output) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal("from the host\nrefused\nwritten\n", output);
        Assert.True(File.Exists(Path.Combine(directory, "new")));
    }

    [Fact]
    public async Task A_second_container_of_the_same_name_is_refused_with_the_id_of_the_first()
    {
        string first = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("twin"));
        ContainerConfig second = Cri.Container("twin", "sleep", "1");
        string message = await Cri.RefusedAsync(StatusCode.AlreadyExists, () => _daemon.CreateAsync(_podId, _pod, second));
        Assert.Contains(first, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_in_the_wrong_state_are_refused()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("states"));
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.StartAsync(id));
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.StartAsync(id));
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.ExecAsync(id, "true"));
    }

    [Fact]
    public async Task A_container_of_a_stopped_pod_or_of_an_absent_image_is_refused()
    {
        ContainerConfig config = Cri.Container("no-image");
        config.Image.Image = "localhost/absent:1";
        string message = await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.CreateAsync(_podId, _pod, config));
        Assert.Contains("localhost/absent:1", message, StringComparison.Ordinal);
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = _podId });
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.CreateAsync(_podId, _pod, Cri.Container("late")));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("a/../../b")]
    public async Task A_log_path_that_leaves_the_pods_directory_is_refused(string path)
    {
        ContainerConfig config = Cri.Container("escape");
        config.LogPath = path;
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.CreateAsync(_podId, _pod, config));
    }

    [Fact]
    public async Task Stats_count_memory_and_processor_time()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("busy", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1000"));
        await Wait.UntilAsync("processor time to be counted", async () =>
            (await _daemon.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = id })).Stats.Cpu.UsageCoreNanoSeconds.Value > 1_000_000);
        ContainerStats stats = (await _daemon.Runtime.ContainerStatsAsync(new ContainerStatsRequest { ContainerId = id })).Stats;
        Assert.Equal(id, stats.Attributes.Id);
        Assert.True(stats.Memory.WorkingSetBytes.Value > 0);
        Assert.True(stats.WritableLayer.Timestamp > 0);
    }
}
