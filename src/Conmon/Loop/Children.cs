using CriRuntime.Linux;

namespace CriRuntime.Conmon.Loop;

/// <summary>
/// Hears of every child's end by SIGCHLD. Children that somebody answers for are left to that one to reap; others are
/// orphans that came to the monitor as the subreaper (processes of containers without a pid namespace), and are reaped here.
/// </summary>
internal sealed class Children : EventSource
{
    private const int SigChld = 17;

    /// <summary>More orphans than a runtime's binary leaves behind; those of a fork bomb are not kept.</summary>
    private const int MaxAwaited = 1024;

    private readonly SignalFd _signals;
    private readonly Dictionary<int, IChild> _known = [];
    private Dictionary<int, ExitStatus>? _ended;
    private int _expecting;

    private Children(SignalFd signals)
        : base(signals.Descriptor) => _signals = signals;

    internal static Children Watch(EventLoop loop)
    {
        Children children = new(new SignalFd(SigChld));
        loop.Add(children, Readiness.Readable);
        return children;
    }

    /// <summary>Must come before the loop goes on after the clone.</summary>
    internal void Add(int pid, IChild child) => _known[pid] = child;

    /// <summary>Whether somebody answers for it.</summary>
    internal bool Knows(int pid) => _known.ContainsKey(pid);

    /// <summary>For a child that was reaped otherwise.</summary>
    internal void Forget(int pid) => _known.Remove(pid);

    /// <summary>
    /// Until <see cref="StopExpecting"/> the ends of children that nobody knows are kept: one of them may be the process that another runtime's
    /// binary made and left to us, told of by it only later.
    /// </summary>
    internal void Expect() => _expecting++;

    internal void StopExpecting()
    {
        if (--_expecting == 0)
            _ended = null;
    }

    /// <summary>How a child ended that nobody knew, while such were expected; null: it was none.</summary>
    internal ExitStatus? TryClaim(int pid) => _ended is not null && _ended.Remove(pid, out ExitStatus status) ? status : null;

    internal override void OnReady(Readiness readiness)
    {
        // Cleared first: a child that ends during the loop below raises it again.
        _signals.Clear();
        while (PidFd.PeekAny() is { } ended)
        {
            if (_known.Remove(ended.Pid, out IChild? child))
                child.OnEnded();
            else
                ReapOrphan(ended.Pid);
        }
    }

    private void ReapOrphan(int pid)
    {
        if (PidFd.TryReapChild(pid) is { } status && _expecting > 0 && (_ended ??= []).Count < MaxAwaited)
            _ended[pid] = status;
    }
}
