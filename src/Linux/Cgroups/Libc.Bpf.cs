using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>bpf(2), which libc has no wrapper for.</summary>
internal static unsafe partial class Libc
{
    private static nint SYS_bpf => IsArm ? 280 : 321;

    internal static long Bpf(int command, void* attribute, int size) => SystemCall(SYS_bpf, command, (nint)attribute, size);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c);
}
