using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>The kernel's constants and structures that the steps need, with the kernel's names.</summary>
internal static unsafe partial class Kernel
{
    internal const int Eperm = 1, Enoent = 2, Esrch = 3, Eintr = 4, Eio = 5, Ebadf = 9, Echild = 10, Eagain = 11, Eacces = 13,
        Eexist = 17, Enodev = 19, Enotdir = 20, Einval = 22, Enospc = 28, Enametoolong = 36, Enosys = 38, Eloop = 40, Etime = 62,
        Eproto = 71, Eopnotsupp = 95;

    internal const int AT_FDCWD = -100;
    internal const int CLOCK_REALTIME = 0;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_EMPTY_PATH = 0x1000, AT_RECURSIVE = 0x8000;
    internal const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_NOCTTY = 0x100, O_TRUNC = 0x200,
        O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000, O_PATH = 0x200000;

    // These two differ between architectures.
    internal static int O_DIRECTORY => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    internal static int O_NOFOLLOW => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    internal const ulong RESOLVE_NO_XDEV = 1, RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_BENEATH = 8, RESOLVE_IN_ROOT = 0x10;
    internal const int S_IFMT = 0xF000, S_IFDIR = 0x4000, S_IFCHR = 0x2000, S_IFREG = 0x8000, S_IFLNK = 0xA000, S_IFIFO = 0x1000, S_IFSOCK = 0xC000;
    internal const ulong MS_REC = 0x4000, MS_SLAVE = 0x80000;
    internal const int MNT_DETACH = 2;
    internal const int OPEN_TREE_CLONE = 1, OPEN_TREE_CLOEXEC = O_CLOEXEC;
    internal const int MOVE_MOUNT_F_EMPTY_PATH = 4, MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    internal const int FSCONFIG_SET_FLAG = 0, FSCONFIG_SET_STRING = 1, FSCONFIG_CMD_CREATE = 6;
    internal const ulong MOUNT_ATTR_RDONLY = 1, MOUNT_ATTR_IDMAP = 0x100000;
    internal const int CLONE_NEWPID = 0x20000000, CLONE_NEWUSER = 0x10000000;
    internal const ulong CLONE_PIDFD = 0x1000, CLONE_PARENT = 0x8000, CLONE_CLEAR_SIGHAND = 0x1_0000_0000, CLONE_INTO_CGROUP = 0x2_0000_0000;
    internal const int SIGKILL = 9, SIGTERM = 15, SIGCHLD = 17;
    internal const int MSG_NOSIGNAL = 0x4000, MSG_DONTWAIT = 0x40;
    internal const int AF_UNIX = 1, AF_INET = 2, SOCK_DGRAM = 2, SOCK_SEQPACKET = 5, SOCK_CLOEXEC = O_CLOEXEC;
    internal const int PR_SET_DUMPABLE = 4, PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_CAPBSET_READ = 23, PR_CAPBSET_DROP = 24,
        PR_SET_NO_NEW_PRIVS = 38, PR_CAP_AMBIENT = 47, PR_CAP_AMBIENT_RAISE = 2, PR_CAP_AMBIENT_CLEAR_ALL = 4;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int CLOSE_RANGE_CLOEXEC = 4;
    internal const int TIOCSCTTY = 0x540E, TIOCSWINSZ = 0x5414, TIOCGPTPEER = 0x5441, TIOCSPTLCK = 0x40045431;
    internal const int SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914;

    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    /// <summary>struct clone_args, version 2 (88 bytes).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CloneArguments
    {
        internal ulong Flags;
        internal ulong PidFd;
        internal ulong ChildTid;
        internal ulong ParentTid;
        internal ulong ExitSignal;
        internal ulong Stack;
        internal ulong StackSize;
        internal ulong Tls;
        internal ulong SetTid;
        internal ulong SetTidSize;
        internal ulong Cgroup;
    }

    /// <summary>The kernel's struct sigaction; the longest form, all zero means SIG_DFL on every architecture.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SignalAction
    {
        internal nint Handler;
        internal ulong Flags;
        internal nint Restorer;
        internal ulong Mask;
    }

    /// <summary>struct statx as far as it is needed, padded to its 256 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct FileStatus
    {
        internal uint Mask;
        internal uint BlockSize;
        internal ulong Attributes;
        internal uint Links;
        internal uint Uid;
        internal uint Gid;
        internal ushort Mode;
        internal ushort Spare;
        internal ulong Inode;
        internal ulong Size;
        internal ulong Blocks;
        internal ulong AttributesMask;
        internal Timestamp Access;
        internal Timestamp Birth;
        internal Timestamp Change;
        internal Timestamp Modification;
        internal uint NodeMajor;
        internal uint NodeMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Timestamp
    {
        internal long Seconds;
        internal uint Nanoseconds;
        internal int Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal void* Base;
        internal nuint Length;
    }

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal void* Name;
        internal nuint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal nint Flags;
    }

    internal static long Status(int directory, byte* path, int flags, FileStatus* status) =>
        Retry(SyscallNumber.Statx, directory, (nint)path, flags, 0x7ff, (nint)status);

    /// <summary>A descriptor's own status, also of an O_PATH one.</summary>
    internal static long Status(int fd, FileStatus* status)
    {
        byte empty = 0;
        return Status(fd, &empty, AT_EMPTY_PATH, status);
    }
}
