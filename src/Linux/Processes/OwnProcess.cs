using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>Settings of the calling process.</summary>
public static class OwnProcess
{
    private const int PR_SET_NAME = 15;
    private const int PR_SET_CHILD_SUBREAPER = 36;

    /// <summary>Descendants whose parents end become children of this process instead of the system's init (prctl(2)).</summary>
    public static void BecomeSubreaper() => Gate.Check(Libc.ProcessControl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl PR_SET_CHILD_SUBREAPER");

    /// <summary>Names the process in listings (/proc/self/comm; prctl(2)): at most 15 bytes, more are cut off. Must be called on the first thread.</summary>
    public static unsafe void SetName(ReadOnlySpan<byte> name)
    {
        const int MaxName = 16;
        byte* terminated = stackalloc byte[MaxName];
        Span<byte> copy = new(terminated, MaxName);
        copy.Clear();
        name[..Math.Min(name.Length, MaxName - 1)].CopyTo(copy);
        Gate.Check(Libc.ProcessControl(PR_SET_NAME, (nint)terminated, 0, 0, 0), "prctl PR_SET_NAME");
    }

    /// <summary>Sends a signal to every process of a group. False when there is none. The caller knows that the group's leader was not reaped yet.</summary>
    public static bool SignalGroup(int group, int signal)
    {
        int result = Libc.Kill(-group, signal);
        if (result < 0 && Gate.LastErrno == Errno.ESRCH)
            return false;
        Gate.Check(result, "kill", $"group {group}");
        return true;
    }

    /// <summary>Takes ownership of an inherited descriptor and makes it close-on-exec and non-blocking.</summary>
    /// <exception cref="LinuxException">EBADF: it was not inherited.</exception>
    public static FileDescriptor Inherit(int number)
    {
        Gate.Check(Libc.Fcntl(number, F_SETFD, FD_CLOEXEC), "fcntl F_SETFD", $"{number}");
        FileDescriptor descriptor = new(number);
        descriptor.SetNonBlocking();
        return descriptor;
    }

    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;
}

/// <content>prctl(2).</content>
internal static partial class Libc
{
    [LibraryImport(Name, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ProcessControl(int option, nint a, nint b, nint c, nint d);
}
