using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>File calls relative to directory descriptors. Paths are NUL-terminated bytes: see <see cref="NativePath"/>.</summary>
internal static unsafe partial class Libc
{
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_PATH = 0x200000;

    // x86-64 has the values of asm-generic; Arm swaps them.
    internal static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_EMPTY_PATH = 0x1000;

    private const long SYS_openat2 = 437;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>struct open_how (openat2(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    internal static int OpenAt2(int dirfd, byte* path, OpenHow* how) =>
        (int)Syscall(SYS_openat2, dirfd, (nint)path, (nint)how, sizeof(OpenHow));

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, nint b, nint c, long d);

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(int dirfd, byte* path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkdirAt(int dirfd, byte* path, uint mode);

    [LibraryImport(Name, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int SymlinkAt(byte* target, int dirfd, byte* path);

    [LibraryImport(Name, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadlinkAt(int dirfd, byte* path, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(int fromDir, byte* from, int toDir, byte* to, int flags);

    [LibraryImport(Name, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(int dirfd, byte* path, int flags);

    [LibraryImport(Name, EntryPoint = "mknodat", SetLastError = true)]
    internal static partial int MknodAt(int dirfd, byte* path, uint mode, ulong device);

    [LibraryImport(Name, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int FchownAt(int dirfd, byte* path, uint uid, uint gid, int flags);

    [LibraryImport(Name, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int Fchmod(int fd, uint mode);

    [LibraryImport(Name, EntryPoint = "fchmodat", SetLastError = true)]
    internal static partial int FchmodAt(int dirfd, byte* path, uint mode, int flags);

    [LibraryImport(Name, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int Fchown(int fd, uint uid, uint gid);

    [LibraryImport(Name, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int UtimensAt(int dirfd, byte* path, Timespec* times, int flags);

    [LibraryImport(Name, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int Futimens(int fd, Timespec* times);

    [LibraryImport(Name, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int RenameAt2(int fromDir, byte* from, int toDir, byte* to, uint flags);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int Statx(int dirfd, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport(Name, EntryPoint = "getdents64", SetLastError = true)]
    internal static partial nint GetDents64(int fd, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Lseek(int fd, long offset, int whence);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int fd);

    [LibraryImport(Name, EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int Fdatasync(int fd);

    [LibraryImport(Name, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int Syncfs(int fd);

    [LibraryImport(Name, EntryPoint = "sync_file_range", SetLastError = true)]
    internal static partial int SyncFileRange(int fd, long offset, long count, uint flags);

    [LibraryImport(Name, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Ftruncate(int fd, long length);

    [LibraryImport(Name, EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Fallocate(int fd, int mode, long offset, long length);

    [LibraryImport(Name, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Name, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int FsetXattr(int fd, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Name, EntryPoint = "lsetxattr", SetLastError = true)]
    internal static partial int LsetXattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport(Name, EntryPoint = "flistxattr", SetLastError = true)]
    internal static partial nint FlistXattr(int fd, byte* names, nuint size);

    [LibraryImport(Name, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint FgetXattr(int fd, byte* name, byte* value, nuint size);

    [LibraryImport(Name, EntryPoint = "fstatfs64", SetLastError = true)]
    internal static partial int Fstatfs(int fd, StatfsBuffer* buffer);

    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    /// <summary>struct statx (statx(2)): the same on every architecture.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct StatxBuffer
    {
        internal uint Mask, BlockSize;
        internal ulong Attributes;
        internal uint Links, Uid, Gid;
        internal ushort Mode, Spare;
        internal ulong Inode, Size, Blocks, AttributesMask;
        internal long AccessSeconds; internal uint AccessNanoseconds; internal int Pad0;
        internal long BirthSeconds; internal uint BirthNanoseconds; internal int Pad1;
        internal long ChangeSeconds; internal uint ChangeNanoseconds; internal int Pad2;
        internal long ModifySeconds; internal uint ModifyNanoseconds; internal int Pad3;
        internal uint RdevMajor, RdevMinor, DevMajor, DevMinor;
    }

    /// <summary>struct statfs64 on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    internal struct StatfsBuffer
    {
        internal long Type, BlockSize;
        internal ulong Blocks, BlocksFree, BlocksAvailable, Files, FilesFree;
    }
}
