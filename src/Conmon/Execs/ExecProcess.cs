using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Execs;

/// <summary>
/// A process beside a container's first: cloned (Launching), executing (its ExecReply is sent), ended (ExecExited is sent,
/// it is forgotten). Its bytes never come here.
/// </summary>
internal sealed class ExecProcess : IChild, IDisposable
{
    private const int SigKill = 9;

    private readonly MonitorContext _context;
    private readonly LaunchedProcess _process;
    private readonly LaunchStatus _status;
    private readonly Requester _requester;
    private readonly ExecFamily _family;
    private bool _running;

    internal ExecProcess(MonitorContext context, long id, LaunchedProcess process, ExecFamily family, Requester requester)
    {
        _family = family;
        _context = context;
        Id = id;
        _process = process;
        _requester = requester;
        _status = new LaunchStatus(context.Loop, process, OnStatus);
        _status.Watch();
        context.Children.Add(process.Pid, this);
    }

    internal long Id { get; }

    /// <summary>Who asked for it, and alone can see its output and its end.</summary>
    internal Connection Owner => _requester.Connection;

    internal Action<ExecProcess>? Ended { get; set; }

    /// <summary>SIGKILL to it, the process group that it leads, and what else it has started. It was not reaped yet, or it would not be known, so the pid is its own.</summary>
    internal void Kill()
    {
        PidFd.Signal(_process.PidFd, SigKill);
        OwnProcess.SignalGroup(_process.Pid, SigKill);
        _family.Kill(_process.Pid);
    }

    public void OnEnded()
    {
        if (!_running)
            OnStatus();
        if (_process.Phase == LaunchPhase.Failed || PidFd.TryReap(_process.PidFd) is not { } status)
            return;
        _family.End();
        // Forgotten before it is told: who hears of it finds no trace of it any more.
        Ended?.Invoke(this);
        Owner.Send(MessageType.ExecExited, MessageFlags.Event, requestId: 0, new ExecExit(Id, status.ExitCode));
    }

    public void Dispose()
    {
        _status.Unwatch();
        _process.Dispose();
    }

    private void OnStatus()
    {
        try
        {
            if (_process.TryReadStatus() != LaunchPhase.Running)
                return;
            _status.Unwatch();
            _running = true;
            _context.Warn(_process, "exec");
            using FileDescriptor? terminal = _process.TakeTerminal();
            _requester.Succeed(new ExecReply(Id, _process.Pid), terminal);
        }
        catch (Exception e) when (e is LaunchException or LinuxException)
        {
            // Nothing to do after the first kind, which leaves no process behind.
            _process.Abandon();
            _context.Children.Forget(_process.Pid);
            _family.End();
            _requester.Fail(MonitorErrorKind.LaunchFailed, e.Message);
            Ended?.Invoke(this);
        }
    }
}
