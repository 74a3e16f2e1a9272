using System.Text;

namespace CriRuntime.Linux;

/// <summary>What an open file or directory carries, through its descriptor.</summary>
public static unsafe class InodeAttributes
{
    public static void SetOwner(FileDescriptor fd, uint uid, uint gid) =>
        Gate.Check(Libc.Fchown(fd.Number, uid, gid), "fchown");

    /// <summary>Sets the low twelve mode bits, untouched by the umask.</summary>
    public static void SetPermissions(FileDescriptor fd, uint permissions) =>
        Gate.Check(Libc.Fchmod(fd.Number, permissions), "fchmod");

    /// <summary>Sets access and modification time. Nanoseconds are 0 to 999,999,999.</summary>
    public static void SetTimes(FileDescriptor fd, long seconds, uint nanoseconds)
    {
        var times = stackalloc Libc.Timespec[2];
        times[0] = times[1] = new Libc.Timespec { Seconds = seconds, Nanoseconds = nanoseconds };
        Gate.Check(Libc.Futimens(fd.Number, times), "futimens");
    }

    /// <summary>Sets an extended attribute; false where the file system has none of that kind.</summary>
    public static bool TrySetXattr(FileDescriptor fd, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        using var native = new NativePath(attribute, stackalloc byte[NativePath.StackSize]);
        fixed (byte* a = native, v = value)
        {
            return WasSet(Libc.FsetXattr(fd.Number, a, v, (nuint)value.Length, 0), attribute);
        }
    }

    /// <summary>The value of an extended attribute; null when the file has none of that name.</summary>
    public static byte[]? TryGetXattr(FileDescriptor fd, ReadOnlySpan<byte> attribute)
    {
        byte[] value = new byte[65536]; // XATTR_SIZE_MAX
        using var native = new NativePath(attribute, stackalloc byte[NativePath.StackSize]);
        fixed (byte* a = native, v = value)
        {
            nint length = Libc.FgetXattr(fd.Number, a, v, (nuint)value.Length);
            if (length < 0 && Gate.LastErrno is Errno.ENODATA or Errno.EOPNOTSUPP)
            {
                return null;
            }

            return value[..(int)Gate.Check(length, "fgetxattr", length < 0 ? Encoding.UTF8.GetString(attribute) : null)];
        }
    }

    /// <summary>The names of a file's extended attributes; none where the file system has no such thing.</summary>
    public static IReadOnlyList<byte[]> ListXattrs(FileDescriptor fd)
    {
        byte[] names = new byte[65536]; // XATTR_LIST_MAX
        nint length;
        fixed (byte* n = names)
        {
            length = Libc.FlistXattr(fd.Number, n, (nuint)names.Length);
        }

        if (length < 0 && Gate.LastErrno == Errno.EOPNOTSUPP)
        {
            return [];
        }

        ReadOnlySpan<byte> left = names.AsSpan(0, (int)Gate.Check(length, "flistxattr"));
        List<byte[]> found = [];
        while (left.IndexOf((byte)0) is >= 0 and int end)
        {
            found.Add(left[..end].ToArray());
            left = left[(end + 1)..];
        }

        return found;
    }

    internal static bool WasSet(int result, ReadOnlySpan<byte> attribute)
    {
        // EPERM: user.* on anything but a file or directory (xattr(7)).
        if (result < 0 && Gate.LastErrno is Errno.EOPNOTSUPP or Errno.EPERM)
        {
            return false;
        }

        Gate.Check(result, "setxattr", result < 0 ? Encoding.UTF8.GetString(attribute) : null);
        return true;
    }
}
