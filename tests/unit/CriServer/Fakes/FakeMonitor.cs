using CriRuntime.CriServer.Monitors;

namespace CriRuntime.CriServer.Tests.Fakes;

/// <summary>A monitor in memory: containers run until they are told to end.</summary>
internal sealed class FakeMonitor : IMonitor
{
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public event Action<ContainerExitNotice>? ContainerExited;

    public event Action<Conmon.Protocol.LogTrouble>? LogTroubled;

    public void Trouble(Conmon.Protocol.LogTrouble trouble) => LogTroubled?.Invoke(trouble);

    public int Pid => 4242;

    public Task Exited => _exited.Task;

    public List<string> Calls { get; } = [];

    public Dictionary<string, MonitorContainer> Containers { get; } = [];

    public HashSet<string> Running { get; } = [];

    public HashSet<string> Ended { get; } = [];

    /// <summary>What the named call does before it works: throw, or wait.</summary>
    public Dictionary<string, Func<Task>> Before { get; } = [];

    /// <summary>The stop signal ends containers; otherwise only SIGKILL does.</summary>
    public bool ObeysSignals { get; set; } = true;

    public int ExecExitCode { get; set; }

    public string ExecOutput { get; set; } = "";

    /// <summary>Null: at once.</summary>
    public Task? ExecEnds { get; set; }

    /// <summary>Until then an exec that was killed is still there.</summary>
    public Task? KilledExecEnds { get; set; }

    public Action<ExecStart>? OnExec { get; set; }

    public int ExecsKilled { get; private set; }

    public Task CreateSandboxAsync(ReadOnlyMemory<byte> plan, CancellationToken cancellationToken) => CallAsync("sandbox");

    public async Task<int> CreateContainerAsync(MonitorContainer container, CancellationToken cancellationToken)
    {
        await CallAsync("create");
        Containers[container.Id] = container;
        return 1000 + Containers.Count;
    }

    public async Task StartContainerAsync(string containerId, ReadOnlyMemory<byte>? plan, CancellationToken cancellationToken)
    {
        await CallAsync("start");
        Running.Add(containerId);
    }

    public async Task SignalAsync(string containerId, int signal, CancellationToken cancellationToken)
    {
        await CallAsync($"signal {signal}");
        if (ObeysSignals)
            End(containerId, 128 + signal);
    }

    public async Task KillAllAsync(string containerId, CancellationToken cancellationToken)
    {
        await CallAsync("kill");
        End(containerId, 137);
    }

    public async Task<IMonitorExec> ExecAsync(ExecStart exec, CancellationToken cancellationToken)
    {
        await CallAsync("exec");
        OnExec?.Invoke(exec);
        if (exec.Stdio.Stdout is { } stdout)
            Linux.DescriptorIo.WriteAll(stdout, System.Text.Encoding.UTF8.GetBytes(ExecOutput));
        return new FakeExec(this);
    }

    /// <summary>The last attachment: what a test writes to it the client reads.</summary>
    public FakeAttachment? Attachment { get; private set; }

    public async Task<IMonitorAttachment> AttachAsync(MonitorAttach attach, CancellationToken cancellationToken)
    {
        await CallAsync("attach");
        return Attachment = new FakeAttachment(attach);
    }

    public Task ResizeAsync(string containerId, int width, int height, CancellationToken cancellationToken) => CallAsync($"resize {width}x{height}");

    public Task ReopenLogAsync(string containerId, CancellationToken cancellationToken) => CallAsync("reopen");

    public async Task DeleteContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        await CallAsync("delete");
        Containers.Remove(containerId);
        Running.Remove(containerId);
    }

    public Task<IReadOnlyList<WatchedContainer>> ListContainersAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WatchedContainer>>([.. Containers.Keys.Select(id => new WatchedContainer(id, 1001, Running.Contains(id)))]);

    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        await CallAsync("shutdown");
        if (Containers.Count > 0)
            throw new InvalidOperationException("containers live");
        _exited.TrySetResult();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>SIGKILL to the monitor.</summary>
    public void Die() => _exited.TrySetResult();

    public void End(string containerId, int exitCode, bool oomKilled = false)
    {
        Running.Remove(containerId);
        if (Containers.ContainsKey(containerId) && Ended.Add(containerId))
            ContainerExited?.Invoke(new ContainerExitNotice(containerId, exitCode, oomKilled, 99));
    }

    private async Task CallAsync(string name)
    {
        lock (Calls)
            Calls.Add(name);
        if (Before.TryGetValue(name, out Func<Task>? before))
            await before();
    }

    private sealed class FakeExec(FakeMonitor monitor) : IMonitorExec
    {
        private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> ExitCode => EndAsync();

        public Linux.FileDescriptor? Terminal => null;

        public Task KillAsync(CancellationToken cancellationToken)
        {
            monitor.ExecsKilled++;
            _killed.TrySetResult();
            return Task.CompletedTask;
        }

        private async Task<int> EndAsync()
        {
            Task death = KilledAsync();
            await Task.WhenAny(monitor.ExecEnds ?? Task.CompletedTask, death);
            return monitor.ExecExitCode;
        }

        private async Task KilledAsync()
        {
            await _killed.Task;
            await (monitor.KilledExecEnds ?? Task.CompletedTask);
        }
    }
}

/// <summary>The monitor's side of an attachment.</summary>
internal sealed class FakeAttachment(MonitorAttach attach) : IMonitorAttachment
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Linux.FileDescriptor? Stdin { get; } = attach.Stdin is { } stdin ? Linux.DescriptorIo.Duplicate(stdin) : null;

    public Linux.FileDescriptor? Stdout { get; } = attach.Stdout is { } stdout ? Linux.DescriptorIo.Duplicate(stdout) : null;

    public bool Detached { get; private set; }

    public Task<string> Ended => _ended.Task;

    public void End(string reason = "")
    {
        Stdin?.Dispose();
        Stdout?.Dispose();
        _ended.TrySetResult(reason);
    }

    public Task DetachAsync(CancellationToken cancellationToken)
    {
        Detached = true;
        End();
        return Task.CompletedTask;
    }
}
