using System.Runtime.InteropServices;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Linux;

/// <summary>poll(2).</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(Kernel.PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);
}
