using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

public sealed class RunSandboxTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_pod_becomes_ready_with_its_addresses_and_files()
    {
        string id = await _daemon.RunAsync(Daemon.PodConfig() with { Dns = new DnsConfig(["9.9.9.9"], ["svc.local"], []) });
        Assert.True(ObjectId.IsValid(id));
        PodSandbox pod = _daemon.State.Pods.Get(id);
        Assert.Equal(SandboxPhase.Ready, pod.Phase);
        Assert.Equal(["10.1.2.3", "fd00::3"], pod.Network.Ips);
        Assert.Equal("search svc.local\nnameserver 9.9.9.9\n", File.ReadAllText(_daemon.State.Directories.ResolvConf(id)));
        Assert.Equal("web-host\n", File.ReadAllText(_daemon.State.Directories.Hostname(id)));
        Assert.Contains(_daemon.State.Directories.Shm(id), _daemon.Mounts.Mounted);
        Assert.Equal(pod.Phase, StateJson.ReadPod(File.ReadAllBytes(_daemon.State.Directories.PodFile(id))).Phase);
    }

    [Fact]
    public async Task State_directories_are_closed_to_others()
    {
        string id = await _daemon.RunAsync();
        foreach (string directory in (string[])[_daemon.State.Directories.Pod(id), _daemon.State.Directories.Pods, _daemon.State.Directories.Owed])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
    }

    [Fact]
    public async Task With_host_networking_no_network_is_touched_and_no_namespace_made()
    {
        string id = await _daemon.RunAsync(Daemon.PodConfig(hostNetwork: true));
        Assert.Empty(_daemon.Network.Attached);
        SandboxPlanInput plan = Assert.Single(_daemon.Planner.Sandboxes);
        Assert.False(plan.NewNetwork);
        Assert.False(plan.NewUts);
        Assert.Equal("", plan.Hostname);
        Assert.NotEqual("", _daemon.State.Pods.Get(id).Hostname);
    }

    [Fact]
    public async Task The_owed_detachment_is_on_disk_before_the_attachment()
    {
        bool seen = false;
        _daemon.Network.BeforeAttach = () =>
        {
            seen = _daemon.LeftOwed().Length == 1 && _daemon.State.Pods.Current.Values.Single().NetworkAttached;
            return Task.CompletedTask;
        };
        await _daemon.RunAsync();
        Assert.True(seen);
    }

    [Theory]
    [InlineData("launch")]
    [InlineData("sandbox")]
    [InlineData("attach")]
    public async Task A_failure_at_any_step_leaves_nothing_behind(string step)
    {
        FakeMonitor monitor = new();
        _daemon.Launcher.Next = monitor;
        Func<Task> fail = () => throw new IOException("broken");
        if (step == "launch")
            _daemon.Launcher.Before = fail;
        else if (step == "sandbox")
            monitor.Before["sandbox"] = fail;
        else
            _daemon.Network.BeforeAttach = fail;

        IOException failure = await Assert.ThrowsAsync<IOException>(() => _daemon.RunAsync());
        Assert.Equal("broken", failure.Message);
        Assert.Empty(_daemon.State.Pods.Current);
        Assert.Empty(_daemon.LeftInRun());
        Assert.Empty(_daemon.LeftOwed());
        Assert.Empty(_daemon.Mounts.Mounted);
        Assert.Equal(step != "launch", monitor.Exited.IsCompleted);
        if (step == "attach")
            Assert.Single(_daemon.Network.Detached); // a failed ADD may have done half of its work
    }

    [Fact]
    public async Task After_a_failure_the_same_request_works()
    {
        _daemon.Network.BeforeAttach = () => throw new IOException("broken");
        await Assert.ThrowsAsync<IOException>(() => _daemon.RunAsync());
        _daemon.Network.BeforeAttach = null;
        Assert.True(_daemon.State.Pods.Get(await _daemon.RunAsync()).IsReady);
    }

    [Fact]
    public async Task An_undo_that_cannot_detach_keeps_the_debt_on_record()
    {
        _daemon.Network.BeforeAttach = () => throw new IOException("broken");
        _daemon.Network.BeforeDetach = () => throw new IOException("still broken");
        await Assert.ThrowsAsync<IOException>(() => _daemon.RunAsync());
        Assert.Single(_daemon.LeftOwed());
        Assert.Equal(1, _daemon.Detachments.Count);
        await _daemon.Detachments.DisposeAsync();
    }

    [Fact]
    public async Task A_retry_after_the_clients_deadline_gets_the_pod_of_the_first_request()
    {
        TaskCompletionSource slow = new();
        _daemon.Network.BeforeAttach = () => slow.Task;
        using CancellationTokenSource deadline = new(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _daemon.RunAsync(cancellationToken: deadline.Token));
        Task<string> retry = _daemon.RunAsync();
        slow.SetResult();
        Assert.Equal(await retry, Assert.Single(_daemon.State.Pods.Current).Key);
        Assert.Single(_daemon.Launcher.Launched);
    }

    [Fact]
    public async Task A_retry_that_comes_after_the_end_still_gets_the_pod()
    {
        TaskCompletionSource slow = new();
        _daemon.Network.BeforeAttach = () => slow.Task;
        using CancellationTokenSource deadline = new(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _daemon.RunAsync(cancellationToken: deadline.Token));
        slow.SetResult();
        string id = _daemon.State.Pods.Current.Keys.Single();
        await _daemon.State.Pods.WaitForAsync(id, pod => pod.IsReady, CancellationToken.None);
        Assert.Equal(id, await _daemon.RunAsync());
    }

    [Fact]
    public async Task A_second_pod_of_the_same_name_is_refused_naming_the_first()
    {
        string id = await _daemon.RunAsync();
        CriException refused = await Assert.ThrowsAsync<CriException>(() => _daemon.RunAsync());
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
        Assert.Contains(id, refused.Message, StringComparison.Ordinal);
        Assert.NotEqual(id, await _daemon.RunAsync(Daemon.PodConfig(attempt: 1)));
    }

    [Fact]
    public async Task Without_a_cgroup_parent_the_pod_gets_a_cgroup_of_its_own()
    {
        string own = await _daemon.RunAsync();
        Assert.Equal($"/criruntime/{own}", _daemon.State.Pods.Get(own).CgroupPath);
        string kubelets = await _daemon.RunAsync(Daemon.PodConfig("two") with { CgroupParent = "/kubepods//besteffort/pod1/" });
        Assert.Equal("/kubepods/besteffort/pod1", _daemon.State.Pods.Get(kubelets).CgroupPath);
        await _daemon.RemovePod.ExecuteAsync(own, CancellationToken.None);
        await _daemon.RemovePod.ExecuteAsync(kubelets, CancellationToken.None);
        Assert.Equal([$"/criruntime/{own}"], _daemon.Cgroups.Deleted);
        Assert.Equal([$"/criruntime/{own}", "/kubepods/besteffort/pod1"], _daemon.Cgroups.Prepared);
    }
}
