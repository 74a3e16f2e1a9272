using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>Sessions of processes (setsid(2)).</summary>
public static class ProcessSession
{
    /// <summary>The session that a process is in, by its leader's pid; 0 when the process is gone or its leader's pid is not visible here.</summary>
    public static int Of(int pid) => Math.Max(0, Libc.GetSid(pid));
}

/// <content>getsid(2).</content>
internal static partial class Libc
{
    [LibraryImport(Name, EntryPoint = "getsid", SetLastError = true)]
    internal static partial int GetSid(int pid);
}
