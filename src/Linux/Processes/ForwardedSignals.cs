using CriRuntime.Linux.Launching;

namespace CriRuntime.Linux;

/// <summary>
/// The signals that a program in the foreground hands on to the process it started: SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM. Read from a descriptor, they need
/// no handler and no further thread; but then they must be blocked in every thread, and the runtime has made one before Main. So they are blocked before the
/// runtime starts (<see cref="EarlyStart"/>), and this, the only thread that lets them through, does so until it has something to hand them on to.
/// </summary>
public static unsafe class ForwardedSignals
{
    private const int BlockHow = 0, UnblockHow = 1, SetSize = 8;

    /// <summary>A bit per number, the first for 1.</summary>
    private const ulong Mask = 1UL << 0 | 1UL << 1 | 1UL << 2 | 1UL << 9 | 1UL << 11 | 1UL << 14;

    private static ReadOnlySpan<int> Numbers => [1, 2, 3, 10, 12, 15];

    /// <summary>This thread has all of them blocked.</summary>
    internal static bool AreBlocked => (Change(BlockHow, 0) & Mask) == Mask;

    /// <summary>Blocks them in this thread and reads them from now on.</summary>
    /// <exception cref="LinuxException"/>
    public static SignalFd Watch()
    {
        Block();
        return new SignalFd(Numbers);
    }

    /// <summary>Lets them act on this process again.</summary>
    public static void Unblock() => Change(UnblockHow, Mask);

    /// <summary>In this thread, and those it makes.</summary>
    internal static void Block() => Change(BlockHow, Mask);

    /// <summary>Returns the set before.</summary>
    private static ulong Change(int how, ulong signals)
    {
        ulong before = 0;
        Kernel.Call(SyscallNumber.SigProcMask, how, (nint)(&signals), (nint)(&before), SetSize);
        return before;
    }
}
