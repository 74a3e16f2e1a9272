using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Pods;

/// <summary>Ids that are paths, patterns or other ids in disguise name nothing, and nothing is done to what they hint at.</summary>
[Collection(SharedDaemonCollection.Name)]
public sealed class MalformedIdTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private string _podId = "";
    private string _container = "";

    public async ValueTask InitializeAsync()
    {
        PodSandboxConfig pod = _daemon.Pod("ids-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(pod);
        _container = await _daemon.StartNewAsync(_podId, pod, Cri.Container("main"));
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../../../../etc")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("{id}/")]
    [InlineData("./{id}")]
    [InlineData("../pods/{id}")]
    [InlineData("{id}\0")]
    [InlineData("{id}\n")]
    [InlineData(" {id}")]
    [InlineData("{ID}")]
    [InlineData("{id}{id}")]
    public async Task They_name_nothing(string pattern)
    {
        string pod = Fill(pattern, _podId);
        string container = Fill(pattern, _container);
        foreach (Func<Task> call in new Func<Task>[]
        {
            () => _daemon.PodStatusAsync(pod),
            () => _daemon.StatusAsync(container),
            () => _daemon.StartAsync(container),
            () => _daemon.ExecAsync(container, "true"),
            () => _daemon.CreateAsync(pod, _daemon.Pod("x"), Cri.Container("other")),
            () => _daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = container, Cmd = { "true" }, Stdout = true }).ResponseAsync,
            () => _daemon.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = pod, Port = { 80 } }).ResponseAsync,
            () => _daemon.Runtime.ReopenContainerLogAsync(new ReopenContainerLogRequest { ContainerId = container }).ResponseAsync,
        })
        {
            await IsRefusedAsync(call);
        }

        // Taking away what is not there succeeds, as the CRI wants it; of an id that is empty it can also be refused.
        foreach (Func<Task> call in new Func<Task>[]
        {
            () => _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container }).ResponseAsync,
            () => _daemon.Runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container }).ResponseAsync,
            () => _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod }).ResponseAsync,
            () => _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod }).ResponseAsync,
        })
        {
            if (pattern.Length == 0)
                await IsRefusedAsync(call);
            else
                await call();
        }

        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(_container)).State);
        Assert.Equal(PodSandboxState.SandboxReady, (await _daemon.PodStatusAsync(_podId)).State);
    }

    private static string Fill(string pattern, string id) =>
        pattern.Replace("{id}", id, StringComparison.Ordinal).Replace("{ID}", id.ToUpperInvariant(), StringComparison.Ordinal);

    private static async Task IsRefusedAsync(Func<Task> call)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Contains(refused.StatusCode, new[] { StatusCode.NotFound, StatusCode.InvalidArgument });
    }
}
