namespace CriRuntime.Linux;

/// <summary>Plain reads and writes of a descriptor: nothing buffered, EINTR handled.</summary>
public static unsafe class DescriptorIo
{
    /// <summary>Reads up to the buffer's length. 0 is the end; -1 means that a non-blocking descriptor has nothing now.</summary>
    public static int Read(this FileDescriptor fd, Span<byte> buffer)
    {
        nint read;
        fixed (byte* start = buffer)
        {
            do
                read = Libc.Read(fd.Number, start, buffer.Length);
            while (Gate.Interrupted(read));
        }

        if (read < 0 && Gate.LastErrno == Errno.EAGAIN)
            return -1;
        return (int)Gate.Check(read, "read");
    }

    /// <summary>Reads at an offset without moving the descriptor's own. 0 is the end.</summary>
    public static int ReadAt(this FileDescriptor fd, Span<byte> buffer, long offset)
    {
        nint read;
        fixed (byte* start = buffer)
        {
            do
                read = Libc.ReadAt(fd.Number, start, buffer.Length, (nint)offset);
            while (Gate.Interrupted(read));
        }

        return (int)Gate.Check(read, "pread");
    }

    /// <summary>Writes once. Returns how much was taken, or -1 with the kernel's reason in <paramref name="error"/> (EAGAIN included).</summary>
    public static int TryWrite(this FileDescriptor fd, ReadOnlySpan<byte> bytes, out Errno error)
    {
        nint written;
        fixed (byte* start = bytes)
        {
            do
                written = Libc.Write(fd.Number, start, bytes.Length);
            while (Gate.Interrupted(written));
        }

        error = written < 0 ? Gate.LastErrno : Errno.None;
        return (int)written;
    }

    /// <summary>Writes everything to a blocking descriptor.</summary>
    public static void WriteAll(this FileDescriptor fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int written = fd.TryWrite(bytes, out Errno error);
            if (written < 0)
                throw new LinuxException("write", null, error);
            bytes = bytes[written..];
        }
    }

    /// <summary>Makes the open file behind the descriptor non-blocking, or blocking again.</summary>
    public static void SetNonBlocking(this FileDescriptor fd, bool nonBlocking = true)
    {
        int flags = Gate.Check(Libc.Fcntl(fd.Number, Libc.F_GETFL, 0), "fcntl F_GETFL");
        flags = nonBlocking ? flags | Libc.O_NONBLOCK : flags & ~Libc.O_NONBLOCK;
        Gate.Check(Libc.Fcntl(fd.Number, Libc.F_SETFL, flags), "fcntl F_SETFL");
    }

    /// <summary>A second descriptor for the same open file, numbered <paramref name="atLeast"/> or more.</summary>
    public static FileDescriptor Duplicate(this FileDescriptor fd, int atLeast = 0) =>
        Gate.Open(Libc.Fcntl(fd.Number, Libc.F_DUPFD_CLOEXEC, atLeast), "fcntl F_DUPFD_CLOEXEC");
}
