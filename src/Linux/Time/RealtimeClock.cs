using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>The wall clock in nanoseconds (clock_gettime(2), CLOCK_REALTIME), which .NET's own gives in units of 100.</summary>
public static unsafe class RealtimeClock
{
    /// <summary>Nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public static long Nanoseconds()
    {
        long* time = stackalloc long[2];
        Gate.Check(Libc.ClockGetTime(0, time), "clock_gettime");
        return (time[0] * 1_000_000_000) + time[1];
    }
}

/// <content>The clock.</content>
internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "clock_gettime", SetLastError = true)]
    internal static partial int ClockGetTime(int clock, long* time);
}
