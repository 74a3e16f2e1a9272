using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Monitors;

/// <summary>A cri-conmon behind <see cref="IMonitor"/>: translation, and a limit to the wait for an answer.</summary>
public sealed class ConmonMonitor : IMonitor
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly MonitorClient _client;

    public ConmonMonitor(MonitorClient client)
    {
        _client = client;
        client.ContainerExited += exit =>
            ContainerExited?.Invoke(new ContainerExitNotice(exit.Id, exit.ExitCode, exit.OomKilled, exit.FinishedAt));
        client.LogTroubled += trouble => LogTroubled?.Invoke(trouble);
    }

    public event Action<ContainerExitNotice>? ContainerExited;

    public event Action<LogTrouble>? LogTroubled;

    public int Pid => _client.Pid;

    public Task Exited => _client.Exited;

    public Task CreateSandboxAsync(ReadOnlyMemory<byte> plan, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.namespaces", async span =>
        {
            LaunchMoments moments = await AnswerAsync(_client.CreateSandboxAsync(plan, cancellationToken)).ConfigureAwait(false);
            LaunchSpans.Record(span, moments.All);
        });

    public Task<int> CreateContainerAsync(MonitorContainer container, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.create", async span =>
        {
            CreateContainerReply reply = await AnswerAsync(_client.CreateContainerAsync(Request(container), cancellationToken)).ConfigureAwait(false);
            LaunchSpans.Record(span, reply.Moments.All);
            return reply.Pid;
        });

    public Task StartContainerAsync(string containerId, ReadOnlyMemory<byte>? plan, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.start", _ => AnswerAsync(plan is { } binary
            ? _client.StartContainerAsync(containerId, binary, cancellationToken)
            : _client.StartContainerAsync(containerId, cancellationToken)));

    public Task SignalAsync(string containerId, int signal, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.signal", _ => AnswerAsync(_client.SignalAsync(containerId, signal, cancellationToken)));

    public Task KillAllAsync(string containerId, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.kill", _ => AnswerAsync(_client.KillAllAsync(containerId, cancellationToken)));

    public async Task<IMonitorExec> ExecAsync(ExecStart exec, CancellationToken cancellationToken)
    {
        ExecStdio stdio = exec.Stdio;
        ExecRequest request = new(exec.ContainerId, exec.Plan.Bytes)
        {
            CgroupDirectory = exec.Plan.CgroupDirectory,
            Binary = exec.Plan.Binary,
            Stdin = stdio.Stdin,
            Stdout = stdio.Stdout,
            Stderr = stdio.Stderr,
            Terminal = stdio.Terminal,
        };
        return await Spans.RunAsync("monitor.exec", async span =>
        {
            MonitorExec started = await _client.ExecAsync(request, cancellationToken).ConfigureAwait(false);
            LaunchSpans.Record(span, started.Moments.All);
            return new ConmonExec(started);
        }).ConfigureAwait(false);
    }

    public async Task<IMonitorAttachment> AttachAsync(MonitorAttach attach, CancellationToken cancellationToken)
    {
        AttachRequest request = new(attach.ContainerId) { Stdin = attach.Stdin, Stdout = attach.Stdout, Stderr = attach.Stderr };
        return new ConmonAttachment(await _client.AttachAsync(request, cancellationToken).ConfigureAwait(false));
    }

    public Task ResizeAsync(string containerId, int width, int height, CancellationToken cancellationToken) =>
        AnswerAsync(_client.ResizeAsync(containerId, width, height, cancellationToken));

    public Task ReopenLogAsync(string containerId, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.reopen-log", _ => AnswerAsync(_client.ReopenLogAsync(containerId, cancellationToken)));

    public Task DeleteContainerAsync(string containerId, CancellationToken cancellationToken) =>
        Spans.RunAsync("monitor.delete", _ => AnswerAsync(_client.DeleteContainerAsync(containerId, cancellationToken)));

    public async Task<IReadOnlyList<WatchedContainer>> ListContainersAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<MonitoredContainer> containers = await _client.ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. containers.Select(c => new WatchedContainer(c.Id, c.Pid, c.State == MonitoredState.Running))];
    }

    public Task ShutdownAsync(CancellationToken cancellationToken) => Spans.RunAsync("monitor.shutdown", _ => AnswerAsync(_client.ShutdownAsync(cancellationToken)));

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static CreateContainerRequest Request(MonitorContainer container) => new(container.Id, container.Plan)
    {
        LogPath = container.LogPath,
        LogDirectory = container.LogPath.Length > 0 ? container.LogDirectory : "",
        Terminal = container.Terminal,
        Stdin = container.Stdin,
        StdinOnce = container.StdinOnce,
        LogOptions = container.LogOptions,
        Binary = container.Binary,
        RestoredPidFile = container.RestoredPidFile,
        CgroupDirectories = [.. CgroupPlacement.For(CgroupHierarchy.Detect(), container.CgroupPath).Directories.Select(d => d.Path)],
    };

    private async Task<T> AnswerAsync<T>(Task<T> answer)
    {
        await AnswerAsync((Task)answer).ConfigureAwait(false);
        return await answer.ConfigureAwait(false);
    }

    /// <summary>A monitor that hangs must not hang its pod's operations for ever: they fail, and can be tried again.</summary>
    private async Task AnswerAsync(Task answer)
    {
        try
        {
            await answer.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException e) when (!answer.IsCompleted)
        {
            throw new CriException(CriErrorKind.Unavailable, $"the monitor of pod sandbox {_client.PodId} (pid {Pid}) has not answered for {Patience.TotalSeconds} s", e);
        }
    }

    private sealed class ConmonAttachment(MonitorAttachment attachment) : IMonitorAttachment
    {
        public Task<string> Ended { get; } = ReasonAsync(attachment.Ended);

        public Task DetachAsync(CancellationToken cancellationToken) => attachment.DetachAsync(cancellationToken);

        private static async Task<string> ReasonAsync(Task<AttachmentEnd> ended)
        {
            AttachmentEnd end = await ended.ConfigureAwait(false);
            return end.Dropped ? end.Reason : "";
        }
    }

    private sealed class ConmonExec(MonitorExec exec) : IMonitorExec
    {
        public Task<int> ExitCode => exec.ExitCode;

        public FileDescriptor? Terminal => exec.Terminal;

        public Task KillAsync(CancellationToken cancellationToken) => exec.KillAsync(cancellationToken);
    }
}
