namespace CriRuntime.Linux;

/// <summary>Signals read from a descriptor (signalfd(2)) instead of delivered to a handler.</summary>
public sealed unsafe class SignalFd : IDisposable
{
    // struct signalfd_siginfo.
    private const int RecordSize = 128;

    /// <summary>
    /// Watches for signals (1..64), which every thread of the process must have blocked: the runtime makes threads before
    /// Main, so whoever spawns the process blocks them (<see cref="SpawnOptions.BlockedSignals"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread has one of them not blocked.</exception>
    public SignalFd(params ReadOnlySpan<int> signals)
    {
        ulong* current = stackalloc ulong[Libc.SignalSetWords];
        ulong* wanted = stackalloc ulong[Libc.SignalSetWords];
        new Span<ulong>(wanted, Libc.SignalSetWords).Clear();
        foreach (int signal in signals)
            wanted[0] |= 1UL << (signal - 1);
        int errno = Libc.ThreadSignalMask(Libc.SIG_BLOCK, null, current);
        if (errno != 0)
            throw new LinuxException("pthread_sigmask", null, (Errno)errno);
        if ((current[0] & wanted[0]) != wanted[0])
            throw new InvalidOperationException("the signals must be blocked by whoever starts this process");
        Descriptor = Gate.Open(Libc.SignalFd(-1, wanted, Libc.SFD_CLOEXEC | Libc.SFD_NONBLOCK), "signalfd");
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>Takes every pending signal out, which makes the descriptor unreadable until the next.</summary>
    public void Clear()
    {
        Span<byte> records = stackalloc byte[RecordSize * 4];
        while (Descriptor.Read(records) > 0)
        {
        }
    }

    /// <summary>The number of the next pending signal, taken out; 0 when none is pending.</summary>
    public int Take()
    {
        Span<byte> record = stackalloc byte[RecordSize];
        return Descriptor.Read(record) == RecordSize ? BitConverter.ToInt32(record) : 0;
    }

    public void Dispose() => Descriptor.Dispose();
}
