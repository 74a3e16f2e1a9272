using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Launching;
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
    private readonly ILaunch _launch;
    private readonly Requester _requester;
    private readonly ExecFamily _family;
    private bool _running;

    internal ExecProcess(MonitorContext context, long id, ILaunch launch, ExecFamily family, Requester requester)
    {
        _family = family;
        _context = context;
        Id = id;
        _launch = launch;
        _requester = requester;
        launch.Watch(this, OnStatus);
    }

    internal long Id { get; }

    /// <summary>Who asked for it, and alone can see its output and its end.</summary>
    internal Connection Owner => _requester.Connection;

    internal Action<ExecProcess>? Ended { get; set; }

    /// <summary>SIGKILL to it, the process group that it leads, and what else it has started. It was not reaped yet, or it would not be known, so the pid is its own.</summary>
    internal void Kill()
    {
        _launch.Signal(SigKill);
        if (_launch.Pid == 0 || _launch.HeldEnd is not null)
            return;
        OwnProcess.SignalGroup(_launch.Pid, SigKill);
        _family.Kill(_launch.Pid);
    }

    public void OnEnded()
    {
        if (!_running)
            OnStatus();
        if (_running && _launch.TryReap() is { } status)
            End(status);
    }

    private void End(ExitStatus status)
    {
        _family.End();
        // Forgotten before it is told: who hears of it finds no trace of it any more.
        Ended?.Invoke(this);
        Owner.Send(MessageType.ExecExited, MessageFlags.Event, requestId: 0, new ExecExit(Id, status.ExitCode));
    }

    public void Dispose() => _launch.Dispose();

    private void OnStatus()
    {
        try
        {
            if (_launch.Advance() != LaunchPhase.Running)
                return;
            _running = true;
            _context.Warn(_launch.Warnings, "exec");
            using FileDescriptor? terminal = _launch.TakeTerminal();
            _requester.Succeed(new ExecReply(Id, _launch.Pid, new LaunchMoments(_launch.Moments)), terminal);
            if (_launch.HeldEnd is { } end)
                End(end);
        }
        catch (Exception e) when (e is LaunchException or LinuxException or MonitorException)
        {
            _launch.Abandon();
            _family.End();
            _requester.Fail(MonitorErrorKind.LaunchFailed, e.Message);
            Ended?.Invoke(this);
        }
    }
}
