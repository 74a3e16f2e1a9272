using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Specs;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Monitors;

/// <summary>The monitor of one pod (cri-conmon), as the daemon sees it. It outlives the daemon.</summary>
public interface IMonitor : IAsyncDisposable
{
    int Pid { get; }

    /// <summary>Completes when the monitor's process has ended, however.</summary>
    Task Exited { get; }

    /// <summary>A container's process has ended; its exit record is on disk. Raised once per container.</summary>
    event Action<ContainerExitNotice> ContainerExited;

    /// <summary>A container's log loses output, or does so no longer.</summary>
    event Action<LogTrouble> LogTroubled;

    /// <summary>Makes and pins the pod's namespaces.</summary>
    Task CreateSandboxAsync(ReadOnlyMemory<byte> plan, CancellationToken cancellationToken);

    /// <summary>Clones the container's process, which stops just before exec.</summary>
    /// <returns>Its pid in the host's pid namespace.</returns>
    Task<int> CreateContainerAsync(MonitorContainer container, CancellationToken cancellationToken);

    /// <param name="containerId">It was created.</param>
    /// <param name="plan">Has another runtime's binary start it; null for the built-in one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task StartContainerAsync(string containerId, ReadOnlyMemory<byte>? plan, CancellationToken cancellationToken);

    /// <summary>Signals the container's first process.</summary>
    Task SignalAsync(string containerId, int signal, CancellationToken cancellationToken);

    /// <summary>SIGKILL to every process of the container.</summary>
    Task KillAllAsync(string containerId, CancellationToken cancellationToken);

    Task<IMonitorExec> ExecAsync(ExecStart exec, CancellationToken cancellationToken);

    /// <summary>Copies the container's output from now on into the given pipes, and what comes from the given one to its input.</summary>
    Task<IMonitorAttachment> AttachAsync(MonitorAttach attach, CancellationToken cancellationToken);

    /// <summary>Sets the size of the container's terminal, in characters.</summary>
    Task ResizeAsync(string containerId, int width, int height, CancellationToken cancellationToken);

    Task ReopenLogAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Forgets an ended container and removes its cgroup. Idempotent.</summary>
    Task DeleteContainerAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>The containers that the monitor knows.</summary>
    Task<IReadOnlyList<WatchedContainer>> ListContainersAsync(CancellationToken cancellationToken);

    /// <summary>Unpins the namespaces and ends the monitor; refused while a container lives.</summary>
    Task ShutdownAsync(CancellationToken cancellationToken);
}

/// <summary>A process started in a running container.</summary>
public interface IMonitorExec
{
    /// <summary>0 to 255; 128 + n for death by signal n.</summary>
    Task<int> ExitCode { get; }

    /// <summary>The master side of its terminal, which the caller closes; null without one.</summary>
    FileDescriptor? Terminal { get; }

    /// <summary>SIGKILL to the process and its process group.</summary>
    Task KillAsync(CancellationToken cancellationToken);
}

/// <param name="Plan">Stops before exec.</param>
public sealed record MonitorContainer(string Id, ReadOnlyMemory<byte> Plan)
{
    /// <summary>Absolute; empty: the output is dropped.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>From here on down to the log file no symbolic link is followed.</summary>
    public string LogDirectory { get; init; } = "";

    public string CgroupPath { get; init; } = "";

    /// <summary>The plan's program restores the container, and leaves the pid of its first process there; empty: it becomes the container.</summary>
    public string RestoredPidFile { get; init; } = "";

    public bool Terminal { get; init; }

    public bool Stdin { get; init; }

    public bool StdinOnce { get; init; }

    public LogOptions LogOptions { get; init; } = LogOptions.Default;

    /// <summary>The plan starts another runtime's binary that makes the container; null: it makes the container.</summary>
    public BinaryOptions? Binary { get; init; }
}

public sealed record MonitorAttach(string ContainerId, FileDescriptor? Stdin, FileDescriptor? Stdout, FileDescriptor? Stderr);

/// <summary>An attachment to a running container.</summary>
public interface IMonitorAttachment
{
    /// <summary>Completes when it ended: empty with the container's output, else the reason why it was dropped.</summary>
    Task<string> Ended { get; }

    /// <summary>Ends it; fine when it has ended.</summary>
    Task DetachAsync(CancellationToken cancellationToken);
}

/// <summary>The descriptors are duplicated into the monitor; the caller closes its own.</summary>
public sealed record ExecStart(string ContainerId, ExecPlan Plan, ExecStdio Stdio);

/// <param name="Running">It has been started, and has not ended.</param>
public sealed record WatchedContainer(string Id, int Pid, bool Running);

/// <param name="FinishedAt">Nanoseconds since the epoch.</param>
public sealed record ContainerExitNotice(string ContainerId, int ExitCode, bool OomKilled, long FinishedAt);

public interface IMonitorLauncher
{
    /// <summary>Begins what makes the next launch fast. Does not wait.</summary>
    void Prepare();

    /// <summary>Starts a monitor for a new pod.</summary>
    Task<IMonitor> LaunchAsync(string podId, string podDirectory, CancellationToken cancellationToken);

    /// <summary>Connects to the monitor that an earlier daemon left in the directory.</summary>
    /// <exception cref="Exception">There is none, or it does not answer.</exception>
    Task<IMonitor> AdoptAsync(string podDirectory, CancellationToken cancellationToken);
}
