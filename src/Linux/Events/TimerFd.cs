namespace CriRuntime.Linux;

/// <summary>A one-shot timer (timerfd_create(2), CLOCK_MONOTONIC) whose descriptor becomes readable when it fires.</summary>
public sealed unsafe class TimerFd : IDisposable
{
    public FileDescriptor Descriptor { get; } =
        Gate.Open(Libc.TimerFdCreate(Libc.CLOCK_MONOTONIC, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK), "timerfd_create");

    /// <summary>Fires once after <paramref name="delay"/> (at least a nanosecond); replaces an earlier setting.</summary>
    public void Set(TimeSpan delay)
    {
        long nanoseconds = Math.Max(1, (long)(delay.TotalMilliseconds * 1_000_000));
        long* value = stackalloc long[] { 0, 0, nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
        Gate.Check(Libc.TimerFdSetTime(Descriptor.Number, 0, value, null), "timerfd_settime");
    }

    /// <summary>Makes the descriptor unreadable after it fired.</summary>
    public void Clear() => CounterFd.Drain(Descriptor);

    public void Dispose() => Descriptor.Dispose();
}
