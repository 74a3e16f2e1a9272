using System.Globalization;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>Numbers of processes that have ended are given to others; what is recorded under them must not reach those.</summary>
public sealed class PidReuseTests
{
    [Fact]
    public async Task Strangers_with_the_pids_of_a_dead_container_and_a_dead_monitor_are_left_alone()
    {
        await using Daemon daemon = await Daemon.StartAsync("pid-reuse");
        daemon.ExpectError("monitor");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("reused");
        string podId = await daemon.RunPodAsync(pod);
        string container = await daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        int monitor = int.Parse((await File.ReadAllTextAsync(Path.Combine(daemon.Run, "pods", podId, "conmon.pid"))).Trim(), CultureInfo.InvariantCulture);
        int main = await daemon.PidAsync(container);

        // Nobody sees them end, and when the next daemon looks, others have their numbers.
        await daemon.KillAsync();
        await Shell.RunAsync("kill", "-KILL", Text(monitor), Text(main));
        await Wait.UntilAsync("both to end", () => !Directory.Exists($"/proc/{monitor}") && !Directory.Exists($"/proc/{main}"));
        await using Stranger first = await Stranger.WithPidAsync(monitor);
        await using Stranger second = await Stranger.WithPidAsync(main);
        await daemon.StartProcessAsync();

        Assert.Equal(ContainerState.ContainerExited, (await daemon.ExitAsync(container)).State);
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = 0 });
        await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = podId });
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
        Assert.True(first.IsAlive, "the process with the monitor's pid was signalled");
        Assert.True(second.IsAlive, "the process with the container's pid was signalled");
    }

    [Fact]
    public async Task A_stranger_with_the_pid_of_a_container_that_has_ended_gets_no_signal_and_no_exec()
    {
        await using Daemon daemon = await Daemon.StartAsync("pid-reuse-live");
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("reused");
        string podId = await daemon.RunPodAsync(pod);
        string container = await daemon.StartNewAsync(podId, pod, Cri.Container("main"));
        int main = await daemon.PidAsync(container);
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = 0 });
        await using Stranger stranger = await Stranger.WithPidAsync(main);

        await Cri.RefusedAsync(Grpc.Core.StatusCode.FailedPrecondition, () => daemon.ExecAsync(container, "true"));
        await daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = 0 });
        await daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container });
        Assert.True(stranger.IsAlive, "the process with the container's pid was signalled");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A process that sleeps under a pid that the test chose.</summary>
    private sealed class Stranger : IAsyncDisposable
    {
        private readonly int _pid;

        private Stranger(int pid) => _pid = pid;

        internal bool IsAlive => File.Exists($"/proc/{_pid}/cmdline") && File.ReadAllText($"/proc/{_pid}/cmdline").StartsWith("sleep\0", StringComparison.Ordinal);

        internal static async Task<Stranger> WithPidAsync(int pid)
        {
            // The next process of this pid namespace gets the number that follows ns_last_pid; others may be quicker.
            string script = $"echo {Text(pid - 1)} > /proc/sys/kernel/ns_last_pid; sleep 1000 > /dev/null 2>&1 & echo $!";
            int got = 0;
            for (int attempt = 0; attempt < 200; attempt++)
            {
                got = int.Parse(await Shell.RunAsync("sh", "-c", script), CultureInfo.InvariantCulture);
                if (got == pid)
                    return new Stranger(pid);
                await Shell.RunAsync("kill", Text(got));
            }

            throw new InvalidOperationException($"no process got the pid {pid}; the last try got {got}");
        }

        public async ValueTask DisposeAsync() => await Shell.TryAsync("kill", Text(_pid));
    }
}
