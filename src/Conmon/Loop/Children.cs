using CriRuntime.Linux;

namespace CriRuntime.Conmon.Loop;

/// <summary>
/// Hears of every child's end by SIGCHLD. Children that somebody answers for are left to that one to reap; others are
/// orphans that came to the monitor as the subreaper (processes of containers without a pid namespace), and are reaped here.
/// </summary>
internal sealed class Children : EventSource
{
    private const int SigChld = 17;

    private readonly SignalFd _signals;
    private readonly Dictionary<int, IChild> _known = [];

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

    /// <summary>For a child that was reaped otherwise.</summary>
    internal void Forget(int pid) => _known.Remove(pid);

    internal override void OnReady(Readiness readiness)
    {
        // Cleared first: a child that ends during the loop below raises it again.
        _signals.Clear();
        while (PidFd.PeekAny() is { } ended)
        {
            if (_known.Remove(ended.Pid, out IChild? child))
                child.OnEnded();
            else
                PidFd.TryReapChild(ended.Pid);
        }
    }
}
