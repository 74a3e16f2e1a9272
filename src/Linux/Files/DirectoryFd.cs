using System.Text;

namespace CriRuntime.Linux;

/// <summary>
/// An open directory, and file operations relative to it. Names are bytes, as the kernel keeps them. Except in
/// <see cref="OpenDirectory"/> and <see cref="OpenForReading"/> a name must be one component: the last component is never followed when it is a symbolic link.
/// </summary>
public sealed unsafe partial class DirectoryFd : IDisposable
{
    private readonly FileDescriptor _fd;

    private DirectoryFd(FileDescriptor fd) => _fd = fd;

    public FileDescriptor Descriptor => _fd;

    private int Fd => _fd.Number;

    /// <summary>Opens the directory at <paramref name="path"/> of the host, following links.</summary>
    public static DirectoryFd Open(string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path);
        using var native = new NativePath(bytes, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            return new(Gate.Open(Libc.OpenAt(Libc.AT_FDCWD, p, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0), "open", path));
        }
    }

    /// <summary>Opens a directory below this one by a relative path of any depth; null when there is none (ENOENT, ENOTDIR).</summary>
    public DirectoryFd? TryOpenDirectory(ReadOnlySpan<byte> path, PathResolution resolution)
    {
        int fd = OpenAt2(path, Libc.O_RDONLY | Libc.O_DIRECTORY, 0, resolution);
        return fd < 0 && Gate.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : new(Gate.Open(fd, "openat2", Text(path, fd)));
    }

    /// <inheritdoc cref="TryOpenDirectory"/>
    /// <remarks>Throws where the other returns null. A last component that is a link is followed only with <paramref name="followLast"/>.</remarks>
    public DirectoryFd OpenDirectory(ReadOnlySpan<byte> path, PathResolution resolution = PathResolution.Beneath, bool followLast = false)
    {
        int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | (followLast ? 0 : Libc.O_NOFOLLOW);
        int fd = OpenAt2(path, flags, 0, resolution);
        return new(Gate.Open(fd, "openat2", Text(path, fd)));
    }

    /// <summary>Opens an existing file below this directory for reading.</summary>
    public FileDescriptor OpenForReading(ReadOnlySpan<byte> path, PathResolution resolution = PathResolution.Beneath)
    {
        int fd = OpenAt2(path, Libc.O_RDONLY, 0, resolution);
        return Gate.Open(fd, "openat2", Text(path, fd));
    }

    /// <summary>A descriptor that only stands for what a path leads to (O_PATH), so that nothing is opened, neither a fifo nor a device; null when it leads nowhere.</summary>
    public FileDescriptor? TryOpenPath(ReadOnlySpan<byte> path, PathResolution resolution)
    {
        int fd = OpenAt2(path, Libc.O_PATH, 0, resolution);
        return fd < 0 && Gate.LastErrno is Errno.ENOENT or Errno.ENOTDIR ? null : Gate.Open(fd, "openat2", Text(path, fd));
    }

    /// <summary>Creates a regular file for writing; null when the name is taken. The mode is subject to the umask.</summary>
    public FileDescriptor? TryCreateFile(ReadOnlySpan<byte> name, uint permissions)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
            int fd = Libc.OpenAt(Fd, p, flags, permissions);
            return fd < 0 && Gate.LastErrno == Errno.EEXIST ? null : Gate.Open(fd, "openat", Text(name, fd));
        }
    }

    /// <summary>Writes everything that the kernel holds of this directory's whole file system to disk.</summary>
    public void SyncFileSystem() => Gate.Check(Libc.Syncfs(Fd), "syncfs");

    /// <summary>Makes the names in this directory durable.</summary>
    public void Sync() => Gate.Check(Libc.Fsync(Fd), "fsync");

    public FileSystemSpace Space()
    {
        Libc.StatfsBuffer buffer;
        Gate.Check(Libc.Fstatfs(Fd, &buffer), "fstatfs");
        return new(
            (long)buffer.Blocks * buffer.BlockSize, (long)buffer.BlocksAvailable * buffer.BlockSize,
            (long)buffer.Files, (long)buffer.FilesFree);
    }

    public void Dispose() => _fd.Dispose();

    private int OpenAt2(ReadOnlySpan<byte> path, int flags, uint mode, PathResolution resolution)
    {
        using var native = new NativePath(path, stackalloc byte[NativePath.StackSize]);
        var how = new Libc.OpenHow { Flags = (ulong)(flags | Libc.O_CLOEXEC), Mode = mode, Resolve = (ulong)resolution };
        fixed (byte* p = native)
        {
            int fd;
            do
            {
                fd = Libc.OpenAt2(Fd, p, &how);
            }
            while (fd < 0 && Gate.LastErrno is Errno.EINTR or Errno.EAGAIN); // EAGAIN: a rename raced with ".." (openat2(2))
            return fd;
        }
    }

    private static string? Text(ReadOnlySpan<byte> path, long result) => result >= 0 ? null : Encoding.UTF8.GetString(path);
}
