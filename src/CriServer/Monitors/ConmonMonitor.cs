using CriRuntime.Conmon.Protocol;
using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Monitors;

/// <summary>A cri-conmon behind <see cref="IMonitor"/>: nothing but translation.</summary>
public sealed class ConmonMonitor : IMonitor
{
    private readonly MonitorClient _client;

    public ConmonMonitor(MonitorClient client)
    {
        _client = client;
        client.ContainerExited += exit =>
            ContainerExited?.Invoke(new ContainerExitNotice(exit.Id, exit.ExitCode, exit.OomKilled, exit.FinishedAt));
    }

    public event Action<ContainerExitNotice>? ContainerExited;

    public int Pid => _client.Pid;

    public Task Exited => _client.Exited;

    public Task CreateSandboxAsync(ReadOnlyMemory<byte> plan, CancellationToken cancellationToken) =>
        _client.CreateSandboxAsync(plan, cancellationToken);

    public Task<int> CreateContainerAsync(MonitorContainer container, CancellationToken cancellationToken) =>
        _client.CreateContainerAsync(
            new CreateContainerRequest(container.Id, container.Plan)
            {
                LogPath = container.LogPath,
                LogDirectory = container.LogPath.Length > 0 ? container.LogDirectory : "",
                Terminal = container.Terminal,
                Stdin = container.Stdin,
                StdinOnce = container.StdinOnce,
                CgroupDirectories = [.. CgroupPlacement.For(CgroupHierarchy.Detect(), container.CgroupPath).Directories.Select(d => d.Path)],
            },
            cancellationToken);

    public Task StartContainerAsync(string containerId, CancellationToken cancellationToken) =>
        _client.StartContainerAsync(containerId, cancellationToken);

    public Task SignalAsync(string containerId, int signal, CancellationToken cancellationToken) =>
        _client.SignalAsync(containerId, signal, cancellationToken);

    public Task KillAllAsync(string containerId, CancellationToken cancellationToken) =>
        _client.KillAllAsync(containerId, cancellationToken);

    public async Task<IMonitorExec> ExecAsync(MonitorExec exec, CancellationToken cancellationToken)
    {
        ExecRequest request = new(exec.ContainerId, exec.Plan) { Stdout = exec.Stdout, Stderr = exec.Stderr };
        return new ConmonExec(await _client.ExecAsync(request, cancellationToken).ConfigureAwait(false));
    }

    public Task ReopenLogAsync(string containerId, CancellationToken cancellationToken) =>
        _client.ReopenLogAsync(containerId, cancellationToken);

    public Task DeleteContainerAsync(string containerId, CancellationToken cancellationToken) =>
        _client.DeleteContainerAsync(containerId, cancellationToken);

    public async Task<IReadOnlyList<WatchedContainer>> ListContainersAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<MonitoredContainer> containers = await _client.ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. containers.Select(c => new WatchedContainer(c.Id, c.Pid, c.State == MonitoredState.Running))];
    }

    public Task ShutdownAsync(CancellationToken cancellationToken) => _client.ShutdownAsync(cancellationToken);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private sealed class ConmonExec(Conmon.Protocol.MonitorExec exec) : IMonitorExec
    {
        public Task<int> ExitCode => exec.ExitCode;

        public Task KillAsync(CancellationToken cancellationToken) => exec.KillAsync(cancellationToken);
    }
}
