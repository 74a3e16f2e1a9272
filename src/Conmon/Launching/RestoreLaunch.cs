using System.Globalization;
using System.Text;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Launching;

/// <summary>
/// A process that the plan's program restores. That program's end makes it a child of the monitor, the subreaper, and a file has its pid.
/// <code>
///   monitor ── criu ── restored process        criu ends ──▶ monitor ── restored process
/// </code>
/// </summary>
internal sealed class RestoreLaunch(MonitorContext context, LaunchedProcess process, string pidFile) : ILaunch, IChild
{
    private readonly PlanLaunch _program = new(context, process);
    private IChild? _owner;
    private Action? _changed;
    private bool _expecting;
    private bool _released;
    private bool _restored;
    private string? _failure;
    private FileDescriptor? _pidFd;
    private ExitStatus? _end;

    public int Pid { get; private set; } = process.Pid;

    public IReadOnlyList<string> Warnings => _program.Warnings;

    public ExitStatus? HeldEnd => _restored ? _end : null;

    public void Watch(IChild owner, Action changed)
    {
        (_owner, _changed) = (owner, changed);
        _program.Watch(this, changed);
    }

    public LaunchPhase Advance()
    {
        if (_failure is not null)
            throw new MonitorException(MonitorErrorKind.LaunchFailed, _failure);
        if (_restored)
            return LaunchPhase.Running;
        LaunchPhase phase = _program.Advance();
        return phase == LaunchPhase.Running ? LaunchPhase.Releasing : phase;
    }

    public void Release(LaunchPlan? plan)
    {
        _released = _expecting = true;
        context.Children.Expect();
        _program.Release(plan);
    }

    public FileDescriptor? TakeTerminal() => null;

    public void Signal(int signal)
    {
        if (!_restored)
            _program.Signal(signal);
        else if (_pidFd is not null && _end is null)
            PidFd.Signal(_pidFd, signal);
    }

    public ExitStatus? TryReap()
    {
        if (!_released)
            return _program.TryReap();
        return _end ??= _pidFd is null ? null : PidFd.TryReap(_pidFd);
    }

    public void OnEnded()
    {
        if (!_released)
        {
            _owner!.OnEnded();
            return;
        }

        _changed!();
        if (_failure is not null || _program.TryReap() is not { } status)
            return;
        _failure = status.ExitCode == 0 ? Adopt() : $"the program that restores it ended with status {status.ExitCode}";
        StopExpecting();
        _changed();
    }

    public void Abandon()
    {
        StopExpecting();
        _program.Abandon();
    }

    public void Dispose()
    {
        StopExpecting();
        _program.Dispose();
        _pidFd?.Dispose();
    }

    /// <returns>Null, or what is wrong.</returns>
    private string? Adopt()
    {
        try
        {
            string text = Encoding.ASCII.GetString(File.ReadAllBytes(pidFile));
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid <= 1)
                return $"{pidFile} has no pid";
            _end = context.Children.TryClaim(pid);
            if (_end is null)
            {
                _pidFd = PidFd.Open(pid);
                context.Children.Add(pid, _owner!);
            }

            Pid = pid;
            _restored = true;
            return null;
        }
        catch (Exception e) when (e is IOException or LinuxException)
        {
            return e.Message;
        }
    }

    private void StopExpecting()
    {
        if (!_expecting)
            return;
        _expecting = false;
        context.Children.StopExpecting();
    }
}
