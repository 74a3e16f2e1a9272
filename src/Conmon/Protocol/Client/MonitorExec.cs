using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>An exec that has begun.</summary>
public sealed class MonitorExec
{
    private readonly MonitorClient _client;

    internal MonitorExec(MonitorClient client, ExecReply reply, FileDescriptor? terminal, Task<int> exitCode)
    {
        _client = client;
        ExecId = reply.ExecId;
        Pid = reply.Pid;
        Moments = reply.Moments;
        Terminal = terminal;
        ExitCode = exitCode;
    }

    public long ExecId { get; }

    /// <summary>In the host's pid namespace.</summary>
    public int Pid { get; }

    /// <summary>When the stages of its launch began.</summary>
    public LaunchMoments Moments { get; }

    /// <summary>The master side of the pseudo-terminal; the caller disposes it. Null without one.</summary>
    public FileDescriptor? Terminal { get; }

    /// <summary>
    /// 0 to 255, 128 + n for death by signal n. Fails with <see cref="MonitorException"/> (Gone) when the monitor is lost.
    /// Processes that it left behind may still write to its descriptors afterwards.
    /// </summary>
    public Task<int> ExitCode { get; }

    /// <summary>SIGKILL to the process and its process group; succeeds when it has ended already.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => _client.KillExecAsync(ExecId, cancellationToken);
}
