using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Recovery;

public sealed class RecoverStateTests : IDisposable
{
    private readonly Daemon _first = new();

    private FakeMonitor Monitor => _first.Launcher.Launched.Single();

    public void Dispose() => _first.Dispose();

    [Fact]
    public async Task A_new_daemon_adopts_what_runs()
    {
        (string pod, string container) = await _first.RunningAsync();
        using Daemon second = _first.Restart(Monitor);
        second.PublishSaved();
        Assert.Equal(container, Assert.Single(second.State.Containers.Current).Key); // lists are right at once
        await second.Recovery.ConvergeAsync(() => Task.CompletedTask, CancellationToken.None);
        Assert.True(second.State.Pods.Get(pod).IsReady);
        Assert.Equal(["10.1.2.3", "fd00::3"], second.State.Pods.Get(pod).Network.Ips);
        await second.ExecSync.ExecuteAsync(container, ["true"], 0, CancellationToken.None);
        Monitor.End(container, 4);
        Assert.Equal(4, second.State.Containers.Get(container).ExitCode);
        await second.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Empty(second.LeftInRun());
        Assert.Empty(second.LeftOwed());
    }

    [Fact]
    public async Task What_ended_meanwhile_has_its_exit_code()
    {
        (_, string container) = await _first.RunningAsync();
        using Daemon second = _first.Restart(Monitor);
        second.Exits.Records[container] = new ContainerExitNotice(container, 9, OomKilled: true, 77);
        await RecoverAsync(second);
        Container ended = second.State.Containers.Get(container);
        Assert.Equal((9, "OOMKilled", 77L), (ended.ExitCode, ended.Reason, ended.FinishedAt));
    }

    [Fact]
    public async Task A_pod_whose_monitor_died_meanwhile_is_not_ready_and_can_be_removed()
    {
        (string pod, string container) = await _first.RunningAsync();
        using Daemon second = _first.Restart(living: null);
        await RecoverAsync(second);
        Assert.False(second.State.Pods.Get(pod).IsReady);
        Assert.Equal((137, "Unknown"), (second.State.Containers.Get(container).ExitCode, second.State.Containers.Get(container).Reason));
        await second.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Equal([pod], second.Network.Detached);
        Assert.Empty(second.LeftInRun());
        Assert.Empty(second.Images.Snapshots);
    }

    [Fact]
    public async Task A_container_started_but_not_recorded_runs()
    {
        string pod = await _first.RunAsync();
        string container = await _first.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        Monitor.Running.Add(container);
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Equal(ContainerPhase.Running, second.State.Containers.Get(container).Phase);
    }

    [Fact]
    public async Task A_pod_that_was_being_created_is_undone_with_its_network()
    {
        string pod = await _first.RunAsync();
        SetPhase(pod, SandboxPhase.Creating);
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Empty(second.State.Pods.Current);
        Assert.Equal([pod], second.Network.Detached);
        Assert.Empty(second.LeftInRun());
        Assert.Empty(second.LeftOwed());
        Assert.True(Monitor.Exited.IsCompleted);
        await second.RunAsync();
    }

    [Fact]
    public async Task A_container_that_was_being_created_is_undone()
    {
        (string pod, string container) = await _first.RunningAsync();
        string file = _first.State.Directories.ContainerFile(pod, container);
        StateFile.Write(file, StateJson.Write(StateJson.ReadContainer(File.ReadAllBytes(file)) with { Phase = ContainerPhase.Creating }));
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Empty(second.State.Containers.Current);
        Assert.Empty(Monitor.Containers);
        Assert.Empty(second.Images.Snapshots);
        Assert.True(second.State.Pods.Get(pod).IsReady);
    }

    [Fact]
    public async Task Execs_after_a_restart_have_environment_values_that_are_not_UTF_8()
    {
        string pod = await _first.RunAsync();
        ContainerConfig config = Daemon.ContainerConfig() with { Environment = [new EnvironmentVariable("BYTES", [0xFF, (byte)'a', 0x80])] };
        string container = await _first.Create.ExecuteAsync(pod, config, CancellationToken.None);
        await _first.Start.ExecuteAsync(container, CancellationToken.None);
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        await second.ExecSync.ExecuteAsync(container, ["true"], 0, CancellationToken.None);
        Assert.Contains("BYTES=\uDCFFa\uDC80", second.Planner.Execs.Single().Env);
    }

    [Fact]
    public async Task A_writable_layer_without_a_container_is_removed()
    {
        using Daemon second = _first.Restart(living: null);
        second.Images.Snapshots.Add("orphan");
        await RecoverAsync(second);
        Assert.Empty(second.Images.Snapshots);
    }

    [Fact]
    public async Task A_container_that_only_the_monitor_knows_is_ended()
    {
        await _first.RunAsync();
        Monitor.Containers["stranger"] = new MonitorContainer("stranger", default);
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Empty(Monitor.Containers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"version\":1")]
    [InlineData("null")]
    [InlineData("\0\0\0")]
    public async Task A_damaged_state_file_is_set_aside_and_spares_the_others(string damage)
    {
        (string good, _) = await _first.RunningAsync();
        string bad = await _first.RunAsync(Daemon.PodConfig("bad", hostNetwork: true));
        File.WriteAllText(_first.State.Directories.PodFile(bad), damage);
        using Daemon second = _first.Restart(_first.Launcher.Launched[0]);
        second.Launcher.AdoptsOnly = good;
        await RecoverAsync(second);
        Assert.True(second.State.Pods.Get(good).IsReady);
        Assert.Null(second.State.Pods.Find(bad));
        Assert.Single(Directory.GetFiles(second.State.Directories.Quarantine));
        Assert.False(Directory.Exists(second.State.Directories.Pod(bad)));
    }

    [Fact]
    public async Task What_is_left_of_a_damaged_pod_and_cannot_be_undone_does_not_keep_the_daemon_from_serving()
    {
        string bad = await _first.RunAsync(Daemon.PodConfig("bad", hostNetwork: true));
        File.WriteAllText(_first.State.Directories.PodFile(bad), "{");
        Monitor.Before["shutdown"] = () => throw new IOException("the monitor is as broken as its pod");
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        await second.Gate.PassAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await second.RunAsync();
    }

    [Fact]
    public async Task A_damaged_pods_own_cgroup_goes_with_it()
    {
        string bad = await _first.RunAsync(Daemon.PodConfig("bad", hostNetwork: true));
        File.WriteAllText(_first.State.Directories.PodFile(bad), "{");
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Equal([$"/criruntime/{bad}"], second.Cgroups.Killed);
        Assert.Equal([$"/criruntime/{bad}"], second.Cgroups.Deleted);
    }

    [Fact]
    public async Task A_file_under_another_objects_name_is_set_aside()
    {
        (string pod, string container) = await _first.RunningAsync();
        File.Move(
            _first.State.Directories.ContainerFile(pod, container), _first.State.Directories.ContainerFile(pod, ObjectId.New()));
        using Daemon second = _first.Restart(Monitor);
        await RecoverAsync(second);
        Assert.Empty(second.State.Containers.Current);
        Assert.Single(Directory.GetFiles(second.State.Directories.Quarantine));
    }

    [Fact]
    public async Task After_a_reboot_owed_detachments_are_made_until_they_succeed_and_pods_are_listed_until_removed()
    {
        string pod = await _first.RunAsync();
        Reboot(pod);
        using Daemon second = _first.Restart(living: null);
        second.Network.BeforeDetach = () => throw new IOException("plugin not there yet");
        await RecoverAsync(second);
        PodSandbox gone = second.State.Pods.Get(pod);
        Assert.Equal((SandboxPhase.NotReady, true), (gone.Phase, gone.FromLastBoot));
        second.Network.BeforeDetach = null;
        await second.State.Pods.WaitForAsync(pod, p => !p.NetworkAttached, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal([pod], second.Network.Detached);
        Assert.Single(second.LeftOwed());
        await second.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Empty(second.LeftOwed());
        Assert.Empty(second.State.Pods.Current);
    }

    [Fact]
    public async Task After_a_reboot_a_host_network_pod_owes_nothing_and_is_listed()
    {
        string pod = await _first.RunAsync(Daemon.PodConfig(hostNetwork: true));
        Reboot(pod);
        using Daemon second = _first.Restart(living: null);
        await RecoverAsync(second);
        Assert.False(second.State.Pods.Get(pod).IsReady);
        await second.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Empty(second.Network.Detached);
        Assert.Empty(second.LeftOwed());
    }

    [Fact]
    public async Task Changes_wait_for_the_recovery()
    {
        Task waiting = _first.Gate.PassAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        await RecoverAsync(_first);
        await waiting;
    }

    private static async Task RecoverAsync(Daemon daemon)
    {
        daemon.PublishSaved();
        await daemon.Recovery.ConvergeAsync(() => Task.CompletedTask, CancellationToken.None);
    }

    private void SetPhase(string pod, SandboxPhase phase)
    {
        string file = _first.State.Directories.PodFile(pod);
        StateFile.Write(file, StateJson.Write(StateJson.ReadPod(File.ReadAllBytes(file)) with { Phase = phase }));
    }

    /// <summary>The tmpfs is empty, and the record was written in another boot.</summary>
    private void Reboot(string pod)
    {
        Directory.Delete(_first.Settings.Run, recursive: true);
        string file = _first.State.Directories.OwedFile(pod);
        OwedRecord record = StateJson.ReadOwed(File.ReadAllBytes(file));
        StateFile.Write(file, StateJson.Write(record with { BootId = "the boot before" }));
    }
}
