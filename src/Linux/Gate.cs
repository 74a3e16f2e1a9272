using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>The errno gate: the one place where a call's -1 becomes a <see cref="LinuxException"/>.</summary>
internal static class Gate
{
    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Passes a result of 0 or more through; throws for -1.</summary>
    internal static int Check(int result, string operation, string? path = null) =>
        result >= 0 ? result : throw new LinuxException(operation, path, LastErrno);

    /// <inheritdoc cref="Check(int, string, string?)"/>
    internal static long Check(long result, string operation, string? path = null) =>
        result >= 0 ? result : throw new LinuxException(operation, path, LastErrno);

    /// <summary>A new descriptor; throws for -1.</summary>
    internal static FileDescriptor Open(int result, string operation, string? path = null) =>
        new(Check(result, operation, path));

    /// <summary>True when the call failed with EINTR and is to be made again.</summary>
    internal static bool Interrupted(long result) => result < 0 && LastErrno == Errno.EINTR;
}
