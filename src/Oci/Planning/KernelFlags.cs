namespace CriRuntime.Oci.Planning;

/// <summary>Numbers of the kernel's interface that end up in plans, with the kernel's names.</summary>
internal static class KernelFlags
{
    internal const int CLONE_NEWTIME = 0x80, CLONE_NEWNS = 0x20000, CLONE_NEWCGROUP = 0x2000000, CLONE_NEWUTS = 0x4000000,
        CLONE_NEWIPC = 0x8000000, CLONE_NEWUSER = 0x10000000, CLONE_NEWPID = 0x20000000, CLONE_NEWNET = 0x40000000;

    internal const int O_RDONLY = 0, O_RDWR = 2, O_PATH = 0x200000;

    internal const int AT_EMPTY_PATH = 0x1000, AT_RECURSIVE = 0x8000, OPEN_TREE_CLONE = 1, MNT_DETACH = 2;

    internal const ulong RESOLVE_NO_MAGICLINKS = 2, RESOLVE_IN_ROOT = 0x10;

    internal const ulong MS_REC = 0x4000, MS_UNBINDABLE = 1 << 17, MS_PRIVATE = 1 << 18, MS_SLAVE = 1 << 19, MS_SHARED = 1 << 20;

    internal const ulong MOUNT_ATTR_RDONLY = 1, MOUNT_ATTR_NOSUID = 2, MOUNT_ATTR_NODEV = 4, MOUNT_ATTR_NOEXEC = 8,
        MOUNT_ATTR_NOATIME = 0x10, MOUNT_ATTR_STRICTATIME = 0x20, MOUNT_ATTR__ATIME = 0x70, MOUNT_ATTR_NODIRATIME = 0x80,
        MOUNT_ATTR_IDMAP = 0x100000, MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

    internal const ulong PROC_SUPER_MAGIC = 0x9fa0;

    internal const int S_IFCHR = 0x2000, S_IFBLK = 0x6000, S_IFIFO = 0x1000;

    /// <summary>The device number as mknod(2) takes it.</summary>
    internal static ulong Device(long major, long minor) =>
        ((ulong)minor & 0xff) | ((ulong)major << 8) | (((ulong)minor & ~0xffUL) << 12);
}
