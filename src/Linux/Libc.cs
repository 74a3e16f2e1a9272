using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>
/// The floor: bare libc calls, C names in C# case, nothing decided. Each topic adds its calls in its own
/// file (<c>Libc.Mount.cs</c>, <c>Libc.Process.cs</c>, ...). Callers go through the typed storey above.
/// </summary>
internal static partial class Libc
{
    internal const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);
}
