using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>mmap(2), madvise(2).</summary>
internal static partial class Libc
{
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_PRIVATE = 2;
    internal const int MAP_ANONYMOUS = 0x20;
    internal const int MADV_DONTNEED = 4;

    [LibraryImport(Name, EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint MemoryMap(nint address, nint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Name, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int MemoryUnmap(nint address, nint length);

    [LibraryImport(Name, EntryPoint = "madvise", SetLastError = true)]
    internal static partial int MemoryAdvise(nint address, nint length, int advice);
}
