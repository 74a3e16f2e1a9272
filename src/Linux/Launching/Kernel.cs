using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// Raw system calls for code that also runs between clone and exec: no transition of the garbage collector, no allocation, no
/// exception, no libc wrapper with state of its own (setuid in glibc signals threads that do not exist in the child).
/// Results are as the kernel gives them: -errno for a failure.
/// </summary>
internal static unsafe partial class Kernel
{
    [LibraryImport(Libc.Name, EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport(Libc.Name, EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    private static partial int* ErrnoLocation();

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long Call(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint result = SystemCall(number, a, b, c, d, e, f);
        return result == -1 ? -*ErrnoLocation() : result;
    }

    /// <summary>The call again and again while a signal interrupts it.</summary>
    internal static long Retry(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        long result;
        do
        {
            result = Call(number, a, b, c, d, e, f);
        }
        while (result == -Eintr);
        return result;
    }

    internal static long Open(int directory, byte* path, int flags, int mode = 0) =>
        Retry(SyscallNumber.OpenAt, directory, (nint)path, flags | O_CLOEXEC, mode);

    internal static long OpenResolved(int directory, byte* path, int flags, ulong resolve)
    {
        OpenHow how = new() { Flags = (ulong)(uint)(flags | O_CLOEXEC), Mode = 0, Resolve = resolve };
        long result;
        int attempts = 0;
        do
        {
            result = Call(SyscallNumber.OpenAt2, directory, (nint)path, (nint)(&how), sizeof(OpenHow));
        }
        while (result == -Eintr || (result == -Eagain && ++attempts < 128)); // EAGAIN: a rename raced with the walk
        return result;
    }

    internal static void Close(int fd)
    {
        if (fd >= 0)
            Call(SyscallNumber.Close, fd);
    }

    internal static long Read(int fd, byte* buffer, int length) => Retry(SyscallNumber.Read, fd, (nint)buffer, length);

    internal static long Write(int fd, byte* buffer, int length) => Retry(SyscallNumber.Write, fd, (nint)buffer, length);

    internal static long Prctl(int option, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Call(SyscallNumber.Prctl, option, a, b, c, d);

    internal static void Exit(int status)
    {
        while (true)
            Call(SyscallNumber.ExitGroup, status);
    }

    internal static int Length(byte* text)
    {
        int length = 0;
        while (text[length] != 0)
            length++;
        return length;
    }

    /// <summary>Writes a number of 0 or more in decimal with a NUL after it; returns the digits written.</summary>
    internal static int Decimal(byte* to, long number)
    {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10)
            digits++;
        to[digits] = 0;
        for (int i = digits - 1; i >= 0; i--, number /= 10)
            to[i] = (byte)('0' + (number % 10));
        return digits;
    }

    /// <summary>Copies without the NUL; returns the bytes copied.</summary>
    internal static int Copy(byte* to, ReadOnlySpan<byte> from)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = from[i];
        return from.Length;
    }

    internal static int Copy(byte* to, byte* from, int length)
    {
        for (int i = 0; i < length; i++)
            to[i] = from[i];
        return length;
    }
}
