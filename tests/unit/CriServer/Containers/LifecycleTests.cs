using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class LifecycleTests : IDisposable
{
    private readonly Daemon _daemon = new();

    private FakeMonitor Monitor => _daemon.Launcher.Launched.Single();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_started_container_runs_and_its_end_is_recorded()
    {
        (_, string id) = await _daemon.RunningAsync();
        Assert.Equal(ContainerPhase.Running, Get(id).Phase);
        Assert.True(Get(id).StartedAt > 0);
        Monitor.End(id, 0);
        Assert.Equal((ContainerPhase.Exited, 0, "Completed", 0), (Get(id).Phase, Get(id).ExitCode, Get(id).Reason, Get(id).Pid));
    }

    [Theory]
    [InlineData(1, false, "Error")]
    [InlineData(137, true, "OOMKilled")]
    public async Task The_reason_tells_how_it_ended(int code, bool oom, string reason)
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.End(id, code, oom);
        Assert.Equal((code, reason), (Get(id).ExitCode, Get(id).Reason));
    }

    [Fact]
    public async Task Only_a_created_container_can_be_started()
    {
        (_, string id) = await _daemon.RunningAsync();
        Assert.Equal(CriErrorKind.FailedPrecondition, (await StartFailsAsync(id)).Kind);
        Monitor.End(id, 0);
        Assert.Equal(CriErrorKind.FailedPrecondition, (await StartFailsAsync(id)).Kind);
        Assert.Equal(CriErrorKind.NotFound, (await StartFailsAsync("beef")).Kind);
    }

    [Fact]
    public async Task A_failed_start_ends_the_container_with_128_and_StartError()
    {
        string pod = await _daemon.RunAsync();
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        Monitor.Before["start"] = () => throw new IOException("exec /nope: ENOENT");
        await Assert.ThrowsAsync<IOException>(() => _daemon.Start.ExecuteAsync(id, CancellationToken.None));
        Assert.Equal((ContainerPhase.Exited, 128, "StartError", "exec /nope: ENOENT"), (Get(id).Phase, Get(id).ExitCode, Get(id).Reason, Get(id).Message));
    }

    [Fact]
    public async Task An_end_that_comes_before_the_start_is_recorded_is_not_lost()
    {
        string pod = await _daemon.RunAsync();
        string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        Monitor.Before["start"] = () =>
        {
            Monitor.End(id, 5);
            return Task.CompletedTask;
        };
        await _daemon.Start.ExecuteAsync(id, CancellationToken.None);
        Assert.Equal((ContainerPhase.Exited, 5), (Get(id).Phase, Get(id).ExitCode));
        Assert.True(Get(id).StartedAt > 0);
    }

    [Fact]
    public async Task Stop_sends_the_stop_signal_and_waits()
    {
        (_, string id) = await _daemon.RunningAsync();
        await _daemon.Stop.ExecuteAsync(id, 30, CancellationToken.None);
        Assert.Equal(143, Get(id).ExitCode);
        Assert.DoesNotContain("kill", Monitor.Calls);
        await _daemon.Stop.ExecuteAsync(id, 30, CancellationToken.None);
        await _daemon.Stop.ExecuteAsync("beef", 30, CancellationToken.None);
    }

    [Fact]
    public async Task Stop_kills_when_the_grace_is_over()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ObeysSignals = false;
        await _daemon.Stop.ExecuteAsync(id, 1, CancellationToken.None);
        Assert.Equal(137, Get(id).ExitCode);
    }

    [Fact]
    public async Task Without_grace_it_is_killed_at_once()
    {
        (_, string id) = await _daemon.RunningAsync();
        await _daemon.Stop.ExecuteAsync(id, 0, CancellationToken.None);
        Assert.DoesNotContain(Monitor.Calls, call => call.StartsWith("signal", StringComparison.Ordinal));
        Assert.Equal(137, Get(id).ExitCode);
    }

    [Fact]
    public async Task A_stop_with_less_grace_shortens_one_under_way_and_signals_no_second_time()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ObeysSignals = false;
        Task patient = _daemon.Stop.ExecuteAsync(id, 3600, CancellationToken.None);
        await _daemon.Stop.ExecuteAsync(id, 1, CancellationToken.None);
        await patient;
        Assert.Single(Monitor.Calls, call => call.StartsWith("signal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_whose_caller_leaves_does_not_kill()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ObeysSignals = false;
        using CancellationTokenSource leave = new(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _daemon.Stop.ExecuteAsync(id, 3600, leave.Token));
        Assert.True(Get(id).IsAlive);
    }

    [Fact]
    public async Task An_image_chooses_the_stop_signal()
    {
        _daemon.Images.Images["busybox"] = _daemon.Images.Images["busybox"] with { StopSignal = "SIGQUIT" };
        (_, string id) = await _daemon.RunningAsync();
        await _daemon.Stop.ExecuteAsync(id, 30, CancellationToken.None);
        Assert.Contains("signal 3", Monitor.Calls);
    }

    [Fact]
    public async Task Remove_kills_a_running_container_and_leaves_nothing()
    {
        (string pod, string id) = await _daemon.RunningAsync();
        await _daemon.Remove.ExecuteAsync(id, CancellationToken.None);
        await _daemon.Remove.ExecuteAsync(id, CancellationToken.None);
        Assert.Empty(_daemon.State.Containers.Current);
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(Directory.GetFiles(_daemon.State.Directories.Containers(pod)));
        Assert.Empty(Monitor.Containers);
    }

    [Fact]
    public async Task A_log_is_reopened_only_while_the_container_runs()
    {
        (_, string id) = await _daemon.RunningAsync();
        await _daemon.ReopenLog.ExecuteAsync(id, CancellationToken.None);
        Assert.Contains("reopen", Monitor.Calls);
        Monitor.End(id, 0);
        CriException refused = await Assert.ThrowsAsync<CriException>(() => _daemon.ReopenLog.ExecuteAsync(id, CancellationToken.None));
        Assert.Equal(CriErrorKind.FailedPrecondition, refused.Kind);
    }

    [Fact]
    public async Task Taking_away_works_when_state_cannot_be_written()
    {
        (string pod, string id) = await _daemon.RunningAsync();
        // Stands for a full disk: a directory in the place of the file that each write makes first.
        Directory.CreateDirectory(_daemon.State.Directories.ContainerFile(pod, id) + ".tmp");
        Directory.CreateDirectory(_daemon.State.Directories.PodFile(pod) + ".tmp");
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Empty(_daemon.LeftInRun());
    }

    private Container Get(string id) => _daemon.State.Containers.Get(id);

    private Task<CriException> StartFailsAsync(string id) =>
        Assert.ThrowsAsync<CriException>(() => _daemon.Start.ExecuteAsync(id, CancellationToken.None));
}
