using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Recovery;

/// <summary>Undoing fails too, as for want of descriptors: it is done when it can be, without a new daemon.</summary>
public sealed class RollbackTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task What_is_left_of_a_pod_goes_when_it_can()
    {
        _daemon.Network.BeforeAttach = () => throw new IOException("broken");
        _daemon.Mounts.Failing = 3; // the undo's two, and the first of those in the background
        await Assert.ThrowsAsync<IOException>(() => _daemon.RunAsync());
        await UndoneAsync();
        Assert.Empty(_daemon.LeftInRun());
        Assert.Empty(_daemon.LeftOwed());
        Assert.Empty(_daemon.Mounts.Mounted);
    }

    [Fact]
    public async Task What_is_left_of_a_container_goes_when_it_can()
    {
        (string pod, FakeMonitor monitor) = await FailToCreateAsync();
        await UndoneAsync();
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(_daemon.State.Containers.Current);
        monitor.Before.Clear();
        string again = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), TestContext.Current.CancellationToken);
        Assert.Equal(ContainerPhase.Created, _daemon.State.Containers.Get(again).Phase);
    }

    [Fact]
    public async Task A_pod_that_is_removed_meanwhile_takes_its_containers_remains_along()
    {
        (string pod, _) = await FailToCreateAsync();
        await _daemon.RemovePod.ExecuteAsync(pod, TestContext.Current.CancellationToken);
        await UndoneAsync();
        Assert.Empty(_daemon.Images.Snapshots);
        Assert.Empty(_daemon.LeftInRun());
    }

    /// <summary>A container that could neither be created nor undone; the undo fails once more in the background.</summary>
    private async Task<(string Pod, FakeMonitor Monitor)> FailToCreateAsync()
    {
        FakeMonitor monitor = new();
        _daemon.Launcher.Next = monitor;
        string pod = await _daemon.RunAsync();
        monitor.Before["create"] = () => throw new IOException("broken");
        _daemon.Images.Failing = 2;
        await Assert.ThrowsAsync<IOException>(() => _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), TestContext.Current.CancellationToken));
        return (pod, monitor);
    }

    private async Task UndoneAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (_daemon.Rollback.Count > 0)
            await Task.Delay(20, limit.Token);
    }
}
