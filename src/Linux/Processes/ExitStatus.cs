using System.Buffers.Binary;

namespace CriRuntime.Linux;

/// <summary>How a child ended (siginfo_t of waitid(2)).</summary>
/// <param name="Pid">The child, in this process's pid namespace.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
/// <param name="Status">Its exit status 0..255; meaningless where a signal ended it.</param>
public readonly record struct ExitStatus(int Pid, int Signal, int Status)
{
    private const int CodeExited = 1;

    /// <summary>The shell's convention: the exit status, or 128 + the signal.</summary>
    public int ExitCode => Signal == 0 ? Status : 128 + Signal;

    // si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status.
    internal static ExitStatus FromSignalInfo(ReadOnlySpan<byte> info)
    {
        int code = BinaryPrimitives.ReadInt32LittleEndian(info[8..]);
        int pid = BinaryPrimitives.ReadInt32LittleEndian(info[16..]);
        int status = BinaryPrimitives.ReadInt32LittleEndian(info[24..]);
        return code == CodeExited ? new ExitStatus(pid, 0, status) : new ExitStatus(pid, status, 0);
    }
}
