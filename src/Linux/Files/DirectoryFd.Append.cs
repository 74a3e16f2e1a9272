namespace CriRuntime.Linux;

/// <summary>Files that grow at their end.</summary>
public sealed unsafe partial class DirectoryFd
{
    /// <summary>
    /// Opens a file below this directory for appending, making it with these permissions when it is missing. What is there
    /// already must be a regular file: a symbolic link gives ELOOP, a fifo, device or socket ENXIO or EINVAL.
    /// </summary>
    /// <param name="path">Relative, of any depth.</param>
    /// <param name="permissions">Subject to the umask.</param>
    /// <param name="resolution">How the directories in the path are walked.</param>
    public FileDescriptor OpenForAppending(ReadOnlySpan<byte> path, uint permissions, PathResolution resolution)
    {
        // Non-blocking, so that a fifo put there cannot hold the open; a regular file ignores it.
        int flags = Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK;
        int result = OpenAt2(path, flags, permissions, resolution);
        FileDescriptor file = Gate.Open(result, "openat2", Text(path, result));
        try
        {
            RequireRegular(file, path);
            return file;
        }
        catch (LinuxException)
        {
            file.Dispose();
            throw;
        }
    }

    private static void RequireRegular(FileDescriptor file, ReadOnlySpan<byte> path)
    {
        Libc.StatxBuffer facts;
        byte empty = 0;
        int result = Libc.Statx(file.Number, &empty, Libc.AT_EMPTY_PATH, BasicStats, &facts);
        Gate.Check(result, "statx", Text(path, result));
        if ((FileKind)(facts.Mode & 0xF000) != FileKind.Regular)
            throw new LinuxException("open", Text(path, -1), Errno.EINVAL);
    }
}

/// <content>What appending needs.</content>
internal static unsafe partial class Libc
{
    internal const int O_APPEND = 0x400;
}
