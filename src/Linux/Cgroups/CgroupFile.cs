using System.Text;

namespace CriRuntime.Linux.Cgroups;

/// <summary>Small kernel files, read and written in one call each, without exceptions for what is missing and without allocation.</summary>
public static unsafe class CgroupFile
{
    /// <summary>
    /// Reads a file from its start with one read(2). Returns the number of bytes, cut to the buffer's length, or -1 when it cannot be opened or read
    /// (missing file, removed cgroup).
    /// </summary>
    public static int TryRead(ReadOnlySpan<char> path, Span<byte> buffer)
    {
        int fd = Open(path, Libc.O_RDONLY);
        if (fd < 0)
            return -1;
        nint length;
        fixed (byte* start = buffer)
        {
            do
                length = Libc.Read(fd, start, buffer.Length);
            while (Gate.Interrupted(length));
        }
        _ = Libc.Close(fd);
        return (int)length;
    }

    /// <summary>Writes with one write(2); the errno of the open or write, or None.</summary>
    public static Errno TryWrite(ReadOnlySpan<char> path, ReadOnlySpan<byte> value)
    {
        int fd = Open(path, Libc.O_WRONLY);
        if (fd < 0)
            return Gate.LastErrno;
        nint written;
        fixed (byte* start = value)
        {
            do
                written = Libc.Write(fd, start, value.Length);
            while (Gate.Interrupted(written));
        }
        Errno errno = written < 0 ? Gate.LastErrno : Errno.None;
        _ = Libc.Close(fd);
        return errno;
    }

    /// <summary>Writes text with one write(2); throws <see cref="LinuxException"/> naming the file.</summary>
    public static void Write(string path, string value)
    {
        Errno errno = TryWrite(path, Encoding.UTF8.GetBytes(value));
        if (errno != Errno.None)
            throw new LinuxException($"write \"{value}\" to", path, errno);
    }

    /// <summary>rmdir(2); the errno, or None.</summary>
    public static Errno TryRemoveDirectory(string path)
    {
        Span<byte> bytes = stackalloc byte[512];
        using var native = new NativePath(Utf8(path, bytes), stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
            return Libc.UnlinkAt(Libc.AT_FDCWD, p, Libc.AT_REMOVEDIR) < 0 ? Gate.LastErrno : Errno.None;
    }

    private static int Open(ReadOnlySpan<char> path, int flags)
    {
        Span<byte> bytes = stackalloc byte[512];
        using var native = new NativePath(Utf8(path, bytes), stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int fd;
            do
                fd = Libc.OpenAt(Libc.AT_FDCWD, p, flags | Libc.O_CLOEXEC, 0);
            while (Gate.Interrupted(fd));
            return fd;
        }
    }

    private static ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> path, Span<byte> buffer) =>
        Encoding.UTF8.TryGetBytes(path, buffer, out int length) ? buffer[..length] : Encoding.UTF8.GetBytes(path.ToArray());
}
