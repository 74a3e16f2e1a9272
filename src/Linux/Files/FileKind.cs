namespace CriRuntime.Linux;

/// <summary>The type bits of a file's mode (inode(7)).</summary>
public enum FileKind
{
    Unknown = 0,
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    SymbolicLink = 0xA000,
    Socket = 0xC000,
}

/// <summary>What stat says of a file. <c>Blocks</c> counts 512-byte units; <c>Permissions</c> are the low twelve mode bits.</summary>
public readonly record struct FileFacts(
    FileKind Kind, uint Permissions, uint Uid, uint Gid, long Size, long Blocks, uint Links, ulong Inode, ulong Device,
    uint DeviceMajor, uint DeviceMinor, long ModifiedSeconds, uint ModifiedNanoseconds);

/// <summary>Free and total space of the file system that holds a file. Bytes and inodes; available is what remains for unprivileged users.</summary>
public readonly record struct FileSystemSpace(long TotalBytes, long AvailableBytes, long TotalInodes, long FreeInodes);
