namespace CriRuntime.Linux;

/// <summary>Writing to an open regular file and making it durable.</summary>
public static unsafe class FileWriting
{
    private const uint SyncFileRangeWrite = 2;
    private const uint BasicStats = 0x7ff;

    /// <summary>Writes all of <paramref name="data"/> at a byte offset.</summary>
    public static void WriteAt(FileDescriptor fd, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* start = data)
        {
            for (int done = 0; done < data.Length;)
            {
                nint written = Libc.Pwrite(fd.Number, start + done, (nuint)(data.Length - done), offset + done);
                if (!Gate.Interrupted(written))
                {
                    done += (int)Gate.Check(written, "pwrite");
                }
            }
        }
    }

    /// <summary>Sets the file's length; what is added is a hole.</summary>
    public static void SetLength(FileDescriptor fd, long length) => Gate.Check(Libc.Ftruncate(fd.Number, length), "ftruncate");

    /// <summary>The file's length in bytes.</summary>
    public static long Length(FileDescriptor fd)
    {
        Libc.StatxBuffer facts;
        byte empty = 0;
        Gate.Check(Libc.Statx(fd.Number, &empty, Libc.AT_EMPTY_PATH, BasicStats, &facts), "statx");
        return (long)facts.Size;
    }

    /// <summary>Reserves disk space for a range, so that writes in it cannot fail with ENOSPC; false where the file system cannot.</summary>
    public static bool TryReserve(FileDescriptor fd, long offset, long length)
    {
        int result = Libc.Fallocate(fd.Number, 0, offset, length);
        if (result < 0 && Gate.LastErrno == Errno.EOPNOTSUPP)
        {
            return false;
        }

        Gate.Check(result, "fallocate");
        return true;
    }

    /// <summary>Makes the file's data and length durable.</summary>
    public static void SyncData(FileDescriptor fd) => Gate.Check(Libc.Fdatasync(fd.Number), "fdatasync");

    /// <summary>Asks the kernel to start writing what was written so far, without waiting for it.</summary>
    public static void StartWriteback(FileDescriptor fd) =>
        Gate.Check(Libc.SyncFileRange(fd.Number, 0, 0, SyncFileRangeWrite), "sync_file_range");
}
