using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>pidfd_open(2), pidfd_send_signal(2), waitid(2), kill(2), sigprocmask(2).</summary>
internal static unsafe partial class Libc
{
    internal const int P_ALL = 0;
    internal const int P_PID = 1;
    internal const int P_PIDFD = 3;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int WNOWAIT = 0x01000000;
    internal const int SIG_BLOCK = 0;
    internal const int SIG_SETMASK = 2;

    /// <summary>Words of a sigset_t: 1024 bits in glibc.</summary>
    internal const int SignalSetWords = 16;

    /// <summary>Bytes of a siginfo_t.</summary>
    internal const int SignalInfoSize = 128;

    [LibraryImport(Name, EntryPoint = "pidfd_open", SetLastError = true)]
    internal static partial int PidFdOpen(int pid, uint flags);

    [LibraryImport(Name, EntryPoint = "pidfd_send_signal", SetLastError = true)]
    internal static partial int PidFdSendSignal(int pidFd, int signal, void* info, uint flags);

    [LibraryImport(Name, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitId(int idType, int id, byte* info, int options);

    [LibraryImport(Name, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    /// <summary>Returns an errno, not -1.</summary>
    [LibraryImport(Name, EntryPoint = "pthread_sigmask")]
    internal static partial int ThreadSignalMask(int how, ulong* set, ulong* old);
}
