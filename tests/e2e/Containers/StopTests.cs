using System.Diagnostics;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

[Collection(SharedDaemonCollection.Name)]
public sealed class StopTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("stop-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task A_second_stop_with_a_shorter_grace_period_shortens_the_first()
    {
        string id = await StartStubbornAsync("stubborn", _podId, _pod);
        long started = Stopwatch.GetTimestamp();
        Task patient = _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 600 }).ResponseAsync;
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 1 });
        await patient;
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.9, 25);
        ContainerStatus status = await _daemon.StatusAsync(id);
        Assert.Equal((137, "Error"), (status.ExitCode, status.Reason));
    }

    [Theory]
    [InlineData(Signal.Sigusr1, "SIGUSR1", "USR1")]
    [InlineData(Signal.Sigint, "SIGINT", "INT")]
    public async Task The_requests_stop_signal_is_sent_and_reported(Signal signal, string reported, string trap)
    {
        ContainerConfig config = Cri.Container("signal-" + trap.ToLowerInvariant(), "sh", "-c", $"trap 'echo got {trap}; exit 9' {trap}; trap '' TERM; touch /tmp/ready; while true; do sleep 0.05; done");
        config.StopSignal = signal;
        string id = await _daemon.StartNewAsync(_podId, _pod, config);
        await Wait.UntilAsync("the trap", async () => (await _daemon.ExecAsync(id, "ls", "/tmp/ready")).ExitCode == 0);
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 20 });
        ContainerStatus status = await _daemon.StatusAsync(id);
        Assert.Equal((9, reported), (status.ExitCode, status.StopSignal.ToString().ToUpperInvariant()));
        Assert.Equal($"got {trap}\n", await Cri.MessagesAsync(status.LogPath));
    }

    [Fact]
    public async Task A_container_that_does_not_end_holds_up_no_other_pod()
    {
        string id = await StartStubbornAsync("waiting", _podId, _pod);
        Task waiting = _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 600 }).ResponseAsync;
        PodSandboxConfig other = _daemon.Pod("other-" + Guid.NewGuid().ToString("n")[..8]);
        string otherId = await _daemon.RunPodAsync(other);
        string container = await _daemon.StartNewAsync(otherId, other, Cri.Container("quick"));
        await _daemon.ExecTextAsync(container, "true");
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container });
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = otherId });
        await _daemon.Runtime.ListContainersAsync(new ListContainersRequest());
        Assert.False(waiting.IsCompleted);
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id });
        await waiting;
    }

    [Fact]
    public async Task A_limit_of_4_MiB_that_the_program_outgrows_is_reported_as_OOMKilled()
    {
        ContainerConfig config = Cri.Container("tiny", "dd", "if=/dev/zero", "of=/dev/null", "bs=32M", "count=1");
        config.Linux.Resources = new LinuxContainerResources { MemoryLimitInBytes = 4 << 20 };
        (ContainerStatus status, _) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal(("OOMKilled", 137), (status.Reason, status.ExitCode));
    }

    private async Task<string> StartStubbornAsync(string name, string podId, PodSandboxConfig pod)
    {
        string id = await _daemon.StartNewAsync(podId, pod, Cri.Container(name, "sh", "-c", "trap '' TERM; touch /tmp/ready; while true; do sleep 0.05; done"));
        await Wait.UntilAsync("the trap", async () => (await _daemon.ExecAsync(id, "ls", "/tmp/ready")).ExitCode == 0);
        return id;
    }
}
