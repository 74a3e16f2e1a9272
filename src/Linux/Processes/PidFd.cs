using System.Buffers.Binary;

namespace CriRuntime.Linux;

/// <summary>Processes by pidfd: no signal reaches a stranger that inherited the pid.</summary>
public static unsafe class PidFd
{
    /// <summary>A descriptor for a process (pidfd_open(2)); readable once it has ended.</summary>
    public static FileDescriptor Open(int pid) => Gate.Open(Libc.PidFdOpen(pid, 0), "pidfd_open", $"{pid}");

    /// <summary>Sends a signal (1..64). False when the process is gone.</summary>
    public static bool Signal(FileDescriptor pidFd, int signal)
    {
        int result = Libc.PidFdSendSignal(pidFd.Number, signal, null, 0);
        if (result < 0 && Gate.LastErrno == Errno.ESRCH)
            return false;
        Gate.Check(result, "pidfd_send_signal", $"signal {signal}");
        return true;
    }

    /// <summary>Reaps the child behind the pidfd when it has ended; null while it runs.</summary>
    public static ExitStatus? TryReap(FileDescriptor pidFd) => Wait(Libc.P_PIDFD, pidFd.Number, Libc.WEXITED | Libc.WNOHANG);

    /// <summary>How the child behind the pidfd ended, leaving it to be reaped; null while it runs.</summary>
    public static ExitStatus? TryPeek(FileDescriptor pidFd) => Wait(Libc.P_PIDFD, pidFd.Number, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT);

    /// <summary>Tells of one child that has ended, without reaping it; null when there is none.</summary>
    public static ExitStatus? PeekAny() => Wait(Libc.P_ALL, 0, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT);

    /// <summary>Reaps a child that <see cref="PeekAny"/> told of and for which there is no pidfd.</summary>
    public static ExitStatus? TryReapChild(int pid) => Wait(Libc.P_PID, pid, Libc.WEXITED | Libc.WNOHANG);

    private static ExitStatus? Wait(int idType, int id, int options)
    {
        byte* info = stackalloc byte[Libc.SignalInfoSize];
        Span<byte> span = new(info, Libc.SignalInfoSize);
        span.Clear();
        int result;
        do
            result = Libc.WaitId(idType, id, info, options);
        while (Gate.Interrupted(result));
        if (result < 0 && Gate.LastErrno == Errno.ECHILD && idType == Libc.P_ALL)
            return null;
        Gate.Check(result, "waitid");
        // With WNOHANG and nobody ready, si_pid stays 0.
        return BinaryPrimitives.ReadInt32LittleEndian(span[16..]) == 0 ? null : ExitStatus.FromSignalInfo(span);
    }
}
