namespace CriRuntime.Linux;

/// <summary>An eventfd(2): a counter that one side raises and the other polls for.</summary>
public sealed unsafe class EventFd : IDisposable
{
    public FileDescriptor Descriptor { get; } =
        Gate.Open(Libc.EventFd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd");

    /// <summary>Makes the descriptor readable.</summary>
    public void Raise()
    {
        ulong one = 1;
        long written;
        do
            written = Libc.Write(Descriptor.Number, (byte*)&one, sizeof(ulong));
        while (Gate.Interrupted(written));
        // EAGAIN: the counter is full, so the descriptor is readable already.
        if (written < 0 && Gate.LastErrno != Errno.EAGAIN)
            Gate.Check(written, "write", "eventfd");
    }

    /// <summary>Makes the descriptor unreadable again.</summary>
    public void Clear() => CounterFd.Drain(Descriptor);

    public void Dispose() => Descriptor.Dispose();
}

/// <summary>Descriptors that are read as one 64-bit counter.</summary>
internal static unsafe class CounterFd
{
    internal static void Drain(FileDescriptor fd)
    {
        ulong counter;
        long read;
        do
            read = Libc.Read(fd.Number, (byte*)&counter, sizeof(ulong));
        while (Gate.Interrupted(read));
        if (read < 0 && Gate.LastErrno != Errno.EAGAIN)
            Gate.Check(read, "read", "counter");
    }
}
