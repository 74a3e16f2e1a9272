using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Launching;

/// <summary>A process cloned in this process, by a launch plan.</summary>
internal sealed class PlanLaunch(MonitorContext context, LaunchedProcess process) : ILaunch
{
    private LaunchStatus? _status;

    public int Pid => process.Pid;

    public IReadOnlyList<string> Warnings => process.Warnings;

    public IReadOnlyList<LaunchMoment> Moments => process.Moments;

    public ExitStatus? HeldEnd => null;

    public void Watch(IChild owner, Action changed)
    {
        _status = new LaunchStatus(context.Loop, process, changed);
        _status.Watch();
        context.Children.Add(process.Pid, owner);
    }

    public LaunchPhase Advance()
    {
        LaunchPhase phase = process.TryReadStatus();
        // Not watched at the gate: its death is told by the reaper, which then has its status.
        if (phase is LaunchPhase.Ready or LaunchPhase.Running)
            _status?.Unwatch();
        return phase;
    }

    public void Release(LaunchPlan? plan)
    {
        process.Release();
        _status?.Watch();
    }

    public FileDescriptor? TakeTerminal() => process.TakeTerminal();

    public void Signal(int signal) => PidFd.Signal(process.PidFd, signal);

    // A launch that failed has been reaped by the runner.
    public ExitStatus? TryReap()
    {
        if (process.Phase == LaunchPhase.Failed || PidFd.TryReap(process.PidFd) is not { } status)
            return null;
        _status?.Unwatch();
        return status;
    }

    public void Abandon()
    {
        _status?.Unwatch();
        // Nothing to do after a LaunchException, which leaves no process behind.
        process.Abandon();
        context.Children.Forget(process.Pid);
    }

    public void Dispose()
    {
        _status?.Unwatch();
        process.Dispose();
    }
}
