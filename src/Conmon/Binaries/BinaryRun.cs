using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Binaries;

/// <summary>
/// One run of another runtime's binary: started by a plan, watched like any child, so that nothing else waits for it, and killed with its session's
/// first process group when its time is over.
/// </summary>
internal sealed class BinaryRun : IChild
{
    private const int SigKill = 9;

    private readonly MonitorContext _context;
    private readonly LaunchedProcess _process;
    private readonly LaunchStatus _status;
    private readonly string _title;
    private readonly Action _timeout;
    private Action<string?>? _done;

    private BinaryRun(MonitorContext context, LaunchPlan plan, LaunchedProcess process, int limitSeconds, Action<string?> done)
    {
        _context = context;
        _process = process;
        _title = plan.Title;
        _done = done;
        _status = new LaunchStatus(context.Loop, process, OnStatus);
        _status.Watch();
        context.Children.Add(process.Pid, this);
        context.Children.Expect();
        _timeout = () => TimeOut(limitSeconds);
        context.Loop.After(TimeSpan.FromSeconds(limitSeconds), _timeout);
    }

    /// <param name="done">Called once, never from here: null when it ended with status 0, else what is wrong.</param>
    /// <exception cref="LaunchException">It could not be cloned; <paramref name="done"/> is not called.</exception>
    /// <exception cref="LinuxException">Likewise.</exception>
    internal static BinaryRun Start(MonitorContext context, LaunchPlan plan, LaunchStdio stdio, int limitSeconds, Action<string?> done) =>
        new(context, plan, PlanRunner.Launch(plan, stdio), limitSeconds, done);

    /// <summary>SIGKILL to the binary and its process group. What it reports is that.</summary>
    internal void Kill()
    {
        if (_done is null)
            return;
        PidFd.Signal(_process.PidFd, SigKill);
        OwnProcess.SignalGroup(_process.Pid, SigKill);
    }

    public void OnEnded()
    {
        if (_process.Phase is not (LaunchPhase.Running or LaunchPhase.Failed))
            OnStatus();
        // A launch that failed has been reaped by the runner.
        if (_process.Phase == LaunchPhase.Failed || PidFd.TryPeek(_process.PidFd) is not { } status)
            return;
        if (status.ExitCode != 0)
            OwnProcess.SignalGroup(_process.Pid, SigKill); // what it has started and left; not reaped yet, the group is its own
        PidFd.TryReap(_process.PidFd);
        Finish(status switch
        {
            { Signal: > 0 } => $"{_title}: killed by signal {status.Signal}",
            { Status: not 0 } => $"{_title}: exit status {status.Status}",
            _ => null,
        });
        Release();
    }

    private void OnStatus()
    {
        try
        {
            if (_process.TryReadStatus() == LaunchPhase.Running)
                _status.Unwatch();
        }
        catch (Exception e) when (e is LaunchException or LinuxException)
        {
            _process.Abandon();
            _context.Children.Forget(_process.Pid);
            Finish(e.Message);
            Release();
        }
    }

    /// <summary>Told at once, for the kernel may hold it for any time; it is reaped whenever it ends.</summary>
    private void TimeOut(int seconds)
    {
        Kill();
        Finish($"{_title}: it did not end within {seconds} s, and was killed");
    }

    private void Finish(string? failure)
    {
        Action<string?>? done = _done;
        if (done is null)
            return;
        _done = null;
        _context.Loop.Forget(_timeout);
        done(failure);
        _context.Children.StopExpecting();
    }

    private void Release()
    {
        _status.Unwatch();
        _process.Dispose();
    }
}
