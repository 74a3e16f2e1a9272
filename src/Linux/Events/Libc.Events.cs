using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>epoll(7), eventfd(2), timerfd_create(2), signalfd(2).</summary>
internal static unsafe partial class Libc
{
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;
    internal const int TFD_CLOEXEC = 0x80000;
    internal const int TFD_NONBLOCK = 0x800;
    internal const int SFD_CLOEXEC = 0x80000;
    internal const int SFD_NONBLOCK = 0x800;
    internal const int CLOCK_MONOTONIC = 1;

    [LibraryImport(Name, EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate(int flags);

    [LibraryImport(Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(int epoll, int operation, int fd, byte* epollEvent);

    [LibraryImport(Name, EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, byte* events, int capacity, int timeoutMilliseconds);

    [LibraryImport(Name, EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport(Name, EntryPoint = "timerfd_create", SetLastError = true)]
    internal static partial int TimerFdCreate(int clock, int flags);

    /// <param name="fd">The timer.</param>
    /// <param name="flags">0: relative.</param>
    /// <param name="newValue">struct itimerspec: interval seconds, nanoseconds, value seconds, nanoseconds.</param>
    /// <param name="oldValue">Null, or room for the same.</param>
    [LibraryImport(Name, EntryPoint = "timerfd_settime", SetLastError = true)]
    internal static partial int TimerFdSetTime(int fd, int flags, long* newValue, long* oldValue);

    /// <param name="fd">-1 for a new descriptor.</param>
    /// <param name="mask">A sigset_t of 128 bytes.</param>
    /// <param name="flags">SFD_*.</param>
    [LibraryImport(Name, EntryPoint = "signalfd", SetLastError = true)]
    internal static partial int SignalFd(int fd, ulong* mask, int flags);
}
