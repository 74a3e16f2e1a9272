using System.Text;
using CriRuntime.Conmon.Launching;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Binaries;

/// <summary>
/// A process that another runtime's binary makes and leaves behind, which makes it a child of the monitor:
/// <code>
///   Preparing ──`create` ends, pid file──▶ Ready ──Release: `start`──▶ Releasing ──ends──▶ Running      a container
///   Preparing ──`exec -d` ends, pid file───────────────────────────────────────────────▶ Running      an exec
///       any ──binary fails, hangs, or names no child of ours──▶ Failed
/// </code>
/// The process may end before the binary does; its end is held back until its start was told.
/// </summary>
internal sealed class BinaryLaunch : ILaunch
{
    private const int SigKill = 9;

    private readonly MonitorContext _context;
    private readonly BinaryOptions _options;
    private readonly LaunchPhase _made;
    private readonly DirectoryFd _directory;
    private readonly ConsoleListener? _console;
    private readonly string _title;
    private BinaryRun? _run;
    private IChild? _owner;
    private Action? _changed;
    private LaunchPhase _phase = LaunchPhase.Preparing;
    private string? _failure;
    private AdoptedProcess? _adopted;
    private FileDescriptor? _terminal;

    private BinaryLaunch(MonitorContext context, BinaryOptions options, LaunchPlan plan, LaunchStdio stdio, bool terminal, LaunchPhase made)
    {
        options.Validate();
        _context = context;
        _options = options;
        _made = made;
        _title = plan.Title;
        _directory = DirectoryFd.Open(options.Directory);
        try
        {
            _directory.Unlink(NameOf(BinaryOptions.PidFile));
            _console = terminal ? ConsoleListener.Open(_directory.Descriptor, BinaryOptions.ConsoleSocket(options.Name)) : null;
            _run = BinaryRun.Start(context, plan, stdio, options.LimitSeconds, OnMade);
        }
        catch
        {
            CloseFiles();
            throw;
        }
    }

    public int Pid => _adopted?.Pid ?? 0;

    public IReadOnlyList<string> Warnings => [];

    // What the binary does in which order is its own affair.
    public IReadOnlyList<LaunchMoment> Moments => [];

    public ExitStatus? HeldEnd => _phase is LaunchPhase.Ready or LaunchPhase.Running ? _adopted?.End : null;

    /// <summary>A container: it stops before its program, until it is released.</summary>
    /// <exception cref="LaunchException">The binary could not be started; nothing is left. LinuxException and MonitorException likewise.</exception>
    internal static BinaryLaunch Create(MonitorContext context, BinaryOptions options, LaunchPlan plan, LaunchStdio stdio, bool terminal) =>
        new(context, options, plan, stdio, terminal, LaunchPhase.Ready);

    /// <summary>A further process of a container.</summary>
    /// <inheritdoc cref="Create"/>
    internal static BinaryLaunch Execute(MonitorContext context, BinaryOptions options, LaunchPlan plan, LaunchStdio stdio, bool terminal) =>
        new(context, options, plan, stdio, terminal, LaunchPhase.Running);

    public void Watch(IChild owner, Action changed)
    {
        _owner = owner;
        _changed = changed;
    }

    public LaunchPhase Advance() => _failure is null ? _phase : throw new MonitorException(MonitorErrorKind.LaunchFailed, _failure);

    public void Release(LaunchPlan? plan)
    {
        if (plan is null)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"{_title}: it was made by a binary, and is started by one");
        _run = BinaryRun.Start(_context, plan, LaunchStdio.None, _options.LimitSeconds, OnReleased);
        _phase = LaunchPhase.Releasing;
    }

    public FileDescriptor? TakeTerminal()
    {
        FileDescriptor? taken = _terminal;
        _terminal = null;
        return taken;
    }

    public void Signal(int signal)
    {
        // What is not made yet, or does not start, ends with the binary that is about it.
        if (signal == SigKill)
            _run?.Kill();
        _adopted?.Signal(signal);
    }

    public ExitStatus? TryReap()
    {
        ExitStatus? end = _adopted?.TryReap();
        return _phase == LaunchPhase.Releasing ? null : end;
    }

    public void Abandon() => Signal(SigKill);

    public void Dispose()
    {
        CloseFiles();
        _terminal?.Dispose();
        _adopted?.Dispose();
    }

    private byte[] NameOf(Func<string, string> file) => Encoding.UTF8.GetBytes(file(_options.Name));

    private void CloseFiles()
    {
        if (_console is not null)
        {
            _console.Dispose();
            if (!_directory.Descriptor.IsClosed)
                _directory.Unlink(NameOf(BinaryOptions.ConsoleSocket));
        }

        _directory.Dispose();
    }

    private void OnMade(string? failure)
    {
        _run = null;
        try
        {
            _failure = failure ?? Adopt();
        }
        catch (Exception e) when (e is LinuxException or InvalidDataException)
        {
            _failure = $"{_title}: {e.Message}";
        }

        CloseFiles();
        _phase = _failure is null ? _made : LaunchPhase.Failed;
        _changed?.Invoke();
    }

    private void OnReleased(string? failure)
    {
        _run = null;
        _failure = failure;
        _phase = failure is null ? LaunchPhase.Running : LaunchPhase.Failed;
        _changed?.Invoke();
    }

    /// <summary>Takes over the process that the binary has left.</summary>
    /// <returns>Null, or what is wrong.</returns>
    private string? Adopt()
    {
        _adopted = AdoptedProcess.Adopt(_context.Children, _directory, NameOf(BinaryOptions.PidFile));
        _terminal = _console?.TryTake();
        if (_console is not null && _terminal is null)
            return $"{_title}: it has not sent a terminal to its console socket";
        _adopted.Watch(_owner!);
        return null;
    }
}
