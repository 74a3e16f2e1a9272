using System.Text;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Launching;

/// <summary>
/// A process that the plan's program restores, leaves behind, and names in a file.
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
    private string? _failure;
    private AdoptedProcess? _restored;

    public int Pid => _restored?.Pid ?? process.Pid;

    public IReadOnlyList<string> Warnings => _program.Warnings;

    public IReadOnlyList<LaunchMoment> Moments => _program.Moments;

    public ExitStatus? HeldEnd => _restored?.End;

    public void Watch(IChild owner, Action changed)
    {
        (_owner, _changed) = (owner, changed);
        _program.Watch(this, changed);
    }

    public LaunchPhase Advance()
    {
        if (_failure is not null)
            throw new MonitorException(MonitorErrorKind.LaunchFailed, _failure);
        if (_restored is not null)
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

    public FileDescriptor? TakeTerminal() => _program.TakeTerminal();

    public void Signal(int signal)
    {
        if (_restored is null)
            _program.Signal(signal);
        else
            _restored.Signal(signal);
    }

    public ExitStatus? TryReap() => _released ? _restored?.TryReap() : _program.TryReap();

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
        _restored?.Dispose();
    }

    /// <returns>Null, or what is wrong.</returns>
    private string? Adopt()
    {
        try
        {
            using DirectoryFd directory = DirectoryFd.Open(Path.GetDirectoryName(pidFile)!);
            _restored = AdoptedProcess.Adopt(context.Children, directory, Encoding.UTF8.GetBytes(Path.GetFileName(pidFile)));
            _restored.Watch(_owner!);
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or LinuxException)
        {
            return $"the program that restores it: {e.Message}";
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
