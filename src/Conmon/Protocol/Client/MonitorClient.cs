using System.Collections.Concurrent;
using System.Threading.Channels;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// The daemon's side of one monitor (cri-conmon). Safe for concurrent use; requests do not wait for one another. Every
/// method throws <see cref="MonitorException"/>: what the monitor refused, or Gone once it has ended or the connection is
/// lost. Disposing ends the connection, not the monitor.
/// </summary>
public sealed partial class MonitorClient : IAsyncDisposable
{
    private readonly MonitorConnection _connection;
    private readonly MonitorProcess _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<int>> _execs = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<AttachmentEnd>> _attachments = new();
    private readonly Channel<IPayload> _notices = Channel.CreateUnbounded<IPayload>(new() { SingleReader = true });
    private readonly Task _noticePump;

    private MonitorClient(SeqPacketSocket socket, MonitorProcess process, Reactor reactor)
    {
        _process = process;
        _connection = new MonitorConnection(socket, reactor, OnEvent);
        _connection.Failed += OnFailed;
        _noticePump = Task.Run(PumpNoticesAsync);
        _connection.Start();
        _ = CloseAfterExitAsync();
    }

    /// <summary>
    /// Raised on the thread pool, one at a time, in the order of the ends, after the exit record was written. Subscribe
    /// before creating containers; after an adoption call <see cref="ListAsync"/> for those that ended before.
    /// </summary>
    public event Action<ContainerExit>? ContainerExited;

    /// <summary>Raised as <see cref="ContainerExited"/> is, when a container's log begins to lose output, and when that is over.</summary>
    public event Action<LogTrouble>? LogTroubled;

    /// <summary>The monitor's process.</summary>
    public int Pid => _process.Pid;

    /// <summary>The pod that the monitor was given.</summary>
    public string PodId { get; private set; } = "";

    /// <summary>Completes as soon as the monitor's process has ended, however it ended.</summary>
    public Task Exited => _process.Exited;

    /// <summary>Makes and pins the pod's namespaces.</summary>
    public async Task<LaunchMoments> CreateSandboxAsync(ReadOnlyMemory<byte> plan, CancellationToken cancellationToken)
    {
        MonitorReply reply = await WithPlanAsync(MessageType.CreateSandbox, new ContainerRequest(PodId), plan, [], cancellationToken).ConfigureAwait(false);
        PayloadReader reader = reply.Reader;
        return LaunchMoments.Read(ref reader);
    }

    /// <summary>Clones the container's first process, sets it up and stops it just before exec.</summary>
    public async Task<CreateContainerReply> CreateContainerAsync(CreateContainerRequest request, CancellationToken cancellationToken)
    {
        MonitorReply reply = await WithPlanAsync(MessageType.CreateContainer, request, request.Plan, [], cancellationToken).ConfigureAwait(false);
        PayloadReader reader = reply.Reader;
        return CreateContainerReply.Read(ref reader);
    }

    /// <summary>Releases a created container; completes once its exec has succeeded.</summary>
    public Task StartContainerAsync(string id, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.StartContainer, new ContainerRequest(id), cancellationToken);

    /// <summary>Has another runtime's binary start a created container.</summary>
    /// <param name="id">The container.</param>
    /// <param name="plan">Starts the binary.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task StartContainerAsync(string id, ReadOnlyMemory<byte> plan, CancellationToken cancellationToken) =>
        WithPlanAsync(MessageType.StartContainer, new ContainerRequest(id), plan, [], cancellationToken);

    /// <summary>Sends a signal (1 to 64) to the container's first process. Succeeds when that has ended.</summary>
    public Task SignalAsync(string id, int signal, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.Signal, new SignalRequest(id, signal), cancellationToken);

    /// <summary>SIGKILL to every process in the container's cgroup.</summary>
    public Task KillAllAsync(string id, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.KillAll, new ContainerRequest(id), cancellationToken);

    /// <summary>Starts a process in a running container; completes once its exec has succeeded.</summary>
    public async Task<MonitorExec> ExecAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        Task<MonitorExec> starting = StartExecAsync(request);
        try
        {
            return await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = EndAbandonedAsync(starting);
            throw;
        }
    }

    /// <summary>SIGKILL to an exec's process, its group and its session; succeeds when it has ended.</summary>
    public Task KillExecAsync(long execId, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.KillExec, new KillExecRequest(execId), cancellationToken);

    /// <summary>Goes on in a new file at the container's log path; no line is lost, doubled or split by it.</summary>
    public Task ReopenLogAsync(string id, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.ReopenLog, new ContainerRequest(id), cancellationToken);

    /// <summary>Sets the size of a container's terminal, in characters. (Whoever has an exec's terminal, <see cref="MonitorExec.Terminal"/>, sets that one's itself.)</summary>
    public Task ResizeAsync(string id, int width, int height, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.Resize, new ResizeRequest(id, width, height), cancellationToken);

    /// <summary>Kills what is left of the container, removes its cgroup and exit record, forgets it. Succeeds when it is unknown.</summary>
    public Task DeleteContainerAsync(string id, CancellationToken cancellationToken) =>
        _connection.RequestAsync(MessageType.DeleteContainer, new ContainerRequest(id), cancellationToken);

    /// <summary>The containers that the monitor knows.</summary>
    public async Task<IReadOnlyList<MonitoredContainer>> ListAsync(CancellationToken cancellationToken)
    {
        MonitorReply reply = await _connection.RequestAsync(MessageType.List, default(NoPayload), cancellationToken).ConfigureAwait(false);
        List<MonitoredContainer> containers = [];
        // The last frame only ends the list.
        for (int i = 0; i < reply.Payloads.Count - 1; i++)
        {
            PayloadReader reader = new(reply.Payloads[i]);
            containers.Add(MonitoredContainer.Read(ref reader));
        }

        return containers;
    }

    /// <summary>Unpins the pod's namespaces and ends the monitor; refused (WrongState) while it knows a container.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        await _connection.RequestAsync(MessageType.Shutdown, default(NoPayload), cancellationToken).ConfigureAwait(false);
        await Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _process.Dispose();
        await _noticePump.ConfigureAwait(false);
    }

    private async Task<MonitorExec> StartExecAsync(ExecRequest request)
    {
        ExecMessage message = new(
            request.ContainerId, request.Terminal, request.Stdin is not null, request.Stdout is not null, request.Stderr is not null)
        {
            CgroupDirectory = request.CgroupDirectory,
            Binary = request.Binary,
        };
        using DescriptorCopies stdio = new(request.Stdin, request.Stdout, request.Stderr);
        MonitorReply reply = await WithPlanAsync(MessageType.Exec, message, request.Plan, stdio.All, CancellationToken.None).ConfigureAwait(false);
        PayloadReader reader = reply.Reader;
        ExecReply exec = ExecReply.Read(ref reader);
        return new MonitorExec(this, exec, reply.Descriptors.Count > 0 ? reply.Descriptors[0] : null, TakeExit(exec.ExecId));
    }

    /// <summary>Whoever wanted this exec waits no longer: it is not to go on unseen.</summary>
    private static async Task EndAbandonedAsync(Task<MonitorExec> starting)
    {
        try
        {
            MonitorExec exec = await starting.ConfigureAwait(false);
            exec.Terminal?.Dispose();
            await exec.KillAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (MonitorException)
        {
            // It never began, or ended with the monitor's connection.
        }
    }

    private async Task<MonitorReply> WithPlanAsync<T>(
        MessageType type, T message, ReadOnlyMemory<byte> plan, IReadOnlyList<FileDescriptor> others, CancellationToken cancellationToken)
        where T : IPayload
    {
        using FileDescriptor planFile = MemoryFile.Create("plan", plan.Span);
        return await _connection.RequestAsync(type, message, cancellationToken, (FileDescriptor[])[planFile, .. others]).ConfigureAwait(false);
    }
}
