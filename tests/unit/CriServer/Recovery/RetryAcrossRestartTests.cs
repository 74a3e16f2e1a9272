using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Recovery;

/// <summary>The daemon was killed after it had made something and before its caller had the answer; the kubelet asks again.</summary>
public sealed class RetryAcrossRestartTests : IDisposable
{
    private readonly Daemon _first = new();

    public void Dispose() => _first.Dispose();

    [Fact]
    public async Task The_retry_gets_the_pod_that_was_made()
    {
        string pod = await _first.RunAsync();
        using Daemon second = await RestartAsync();
        Assert.Equal(pod, await second.RunAsync());
        Assert.Equal(pod, await second.RunAsync());
        Assert.Empty(second.Launcher.Launched);
        Assert.Single(second.State.Pods.Current);
    }

    [Fact]
    public async Task Another_request_for_the_same_name_is_refused()
    {
        string pod = await _first.RunAsync();
        using Daemon second = await RestartAsync();
        CriException refused = await Assert.ThrowsAsync<CriException>(() => second.RunAsync(Daemon.PodConfig() with { Hostname = "other" }));
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
        Assert.Contains(pod, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_any_more_is_no_answer()
    {
        string pod = await _first.RunAsync();
        using Daemon second = await RestartAsync();
        await second.StopPod.ExecuteAsync(pod, CancellationToken.None);
        Assert.Equal(CriErrorKind.AlreadyExists, (await Assert.ThrowsAsync<CriException>(() => second.RunAsync())).Kind);
    }

    [Fact]
    public async Task The_retry_gets_the_container_that_was_made()
    {
        string pod = await _first.RunAsync();
        string container = await _first.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        using Daemon second = await RestartAsync();
        Assert.Equal(container, await second.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None));
        Assert.Single(second.State.Containers.Current);
        Assert.Equal([container], second.Images.Snapshots);
        ContainerConfig other = Daemon.ContainerConfig() with { WorkingDirectory = "/other" };
        CriException refused = await Assert.ThrowsAsync<CriException>(() => second.Create.ExecuteAsync(pod, other, CancellationToken.None));
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
    }

    [Fact]
    public async Task A_container_that_was_started_is_no_answer()
    {
        string pod = await _first.RunAsync();
        string container = await _first.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None);
        using Daemon second = await RestartAsync();
        await second.Start.ExecuteAsync(container, CancellationToken.None);
        CriException refused = await Assert.ThrowsAsync<CriException>(() => second.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), CancellationToken.None));
        Assert.Equal(CriErrorKind.AlreadyExists, refused.Kind);
    }

    private async Task<Daemon> RestartAsync()
    {
        Daemon second = _first.Restart(_first.Launcher.Launched.Single());
        second.PublishSaved();
        await second.Recovery.ConvergeAsync(() => Task.CompletedTask, CancellationToken.None);
        return second;
    }
}
