using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

public sealed class StopAndRemoveSandboxTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Stop_kills_what_runs_gives_the_network_back_and_can_be_repeated()
    {
        (string pod, string container) = await _daemon.RunningAsync();
        await _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        await _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Equal(SandboxPhase.NotReady, _daemon.State.Pods.Get(pod).Phase);
        Assert.Equal(137, _daemon.State.Containers.Get(container).ExitCode);
        Assert.Equal([pod], _daemon.Network.Detached);
        Assert.Empty(_daemon.Mounts.Mounted);
        Assert.Empty(_daemon.State.Pods.Get(pod).Network.Ips);
    }

    [Fact]
    public async Task Remove_leaves_nothing_and_can_be_repeated()
    {
        (string pod, _) = await _daemon.RunningAsync();
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Empty(_daemon.State.Pods.Current);
        Assert.Empty(_daemon.State.Containers.Current);
        Assert.Empty(_daemon.LeftInRun());
        Assert.Empty(_daemon.LeftOwed());
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.True(_daemon.Launcher.Launched.Single().Exited.IsCompleted);
    }

    [Fact]
    public async Task What_does_not_exist_is_stopped_and_removed_already()
    {
        await _daemon.StopPod.ExecuteAsync("0123", CancellationToken.None);
        await _daemon.RemovePod.ExecuteAsync("0123", CancellationToken.None);
    }

    [Fact]
    public async Task A_stop_that_cannot_detach_fails_and_the_next_one_goes_on()
    {
        string pod = await _daemon.RunAsync();
        _daemon.Network.BeforeDetach = () => throw new IOException("plugin crashed");
        await Assert.ThrowsAsync<IOException>(() => _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None));
        Assert.False(_daemon.State.Pods.Get(pod).IsReady);
        Assert.Single(_daemon.LeftOwed());
        await Assert.ThrowsAsync<IOException>(() => _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None));
        _daemon.Network.BeforeDetach = null;
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Equal([pod], _daemon.Network.Detached);
        Assert.Empty(_daemon.LeftOwed());
    }

    [Fact]
    public async Task A_second_stop_joins_the_first()
    {
        string pod = await _daemon.RunAsync();
        TaskCompletionSource slow = new();
        _daemon.Network.BeforeDetach = () => slow.Task;
        Task first = _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        Task second = _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        slow.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal([pod], _daemon.Network.Detached);
    }

    [Fact]
    public async Task A_pod_being_stopped_gets_no_new_container()
    {
        string pod = await _daemon.RunAsync();
        TaskCompletionSource slow = new();
        _daemon.Images.BeforeSnapshot = () => slow.Task;
        Task<string> creating = _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        await _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        slow.SetResult();
        CriException refused = await Assert.ThrowsAsync<CriException>(() => creating);
        Assert.Equal(CriErrorKind.FailedPrecondition, refused.Kind);
        Assert.Empty(_daemon.State.Containers.Current);
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(_daemon.Launcher.Launched.Single().Containers);
    }

    [Fact]
    public async Task A_killed_monitor_makes_the_pod_not_ready_and_its_containers_unknown()
    {
        (string pod, string container) = await _daemon.RunningAsync();
        _daemon.Launcher.Launched.Single().Die();
        await _daemon.State.Pods.WaitForAsync(pod, p => !p.IsReady, CancellationToken.None);
        Container lost = _daemon.State.Containers.Get(container);
        Assert.Equal((ContainerPhase.Exited, 137, "Unknown"), (lost.Phase, lost.ExitCode, lost.Reason));
        Assert.Contains(lost.CgroupPath, _daemon.Cgroups.Killed);
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Equal([pod], _daemon.Network.Detached);
        Assert.Empty(_daemon.LeftInRun());
    }

    [Fact]
    public async Task A_killed_monitors_exit_records_still_count()
    {
        (string pod, string container) = await _daemon.RunningAsync();
        _daemon.Exits.Records[container] = new Monitors.ContainerExitNotice(container, 3, OomKilled: false, 12);
        _daemon.Launcher.Launched.Single().Die();
        await _daemon.State.Pods.WaitForAsync(pod, p => !p.IsReady, CancellationToken.None);
        Assert.Equal((3, 12L), (_daemon.State.Containers.Get(container).ExitCode, _daemon.State.Containers.Get(container).FinishedAt));
    }
}
