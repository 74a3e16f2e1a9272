using System.Globalization;
using System.Text;

namespace CriRuntime.Linux;

/// <summary>Reading and setting what an inode carries. Nothing here follows a symbolic link in the name.</summary>
public sealed unsafe partial class DirectoryFd
{
    private const uint BasicStats = 0x7FF;

    /// <summary>Facts about a name; null when there is none. An empty name means this directory itself.</summary>
    public FileFacts? TryStat(ReadOnlySpan<byte> name)
    {
        Libc.StatxBuffer buffer;
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int result = Libc.Statx(Fd, p, Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_EMPTY_PATH, BasicStats, &buffer);
            if (result < 0 && Gate.LastErrno == Errno.ENOENT)
            {
                return null;
            }

            Gate.Check(result, "statx", Text(name, result));
        }

        return new FileFacts(
            (FileKind)(buffer.Mode & 0xF000), (uint)buffer.Mode & 0xFFF, buffer.Uid, buffer.Gid, (long)buffer.Size,
            (long)buffer.Blocks, buffer.Links, buffer.Inode, ((ulong)buffer.DevMajor << 32) | buffer.DevMinor,
            buffer.RdevMajor, buffer.RdevMinor, buffer.ModifySeconds, buffer.ModifyNanoseconds);
    }

    public void SetOwner(ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int result = Libc.FchownAt(Fd, p, uid, gid, Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_EMPTY_PATH);
            Gate.Check(result, "fchownat", Text(name, result));
        }
    }

    /// <summary>
    /// Sets the permissions of a device, fifo or socket that this process has just made. (Kernels before 6.6 cannot
    /// refuse to follow a link here, so the name must be known not to be one.)
    /// </summary>
    public void SetNodePermissions(ReadOnlySpan<byte> name, uint permissions)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int result = Libc.FchmodAt(Fd, p, permissions, 0);
            Gate.Check(result, "fchmodat", Text(name, result));
        }
    }

    /// <summary>Sets access and modification time. Nanoseconds are 0 to 999,999,999.</summary>
    public void SetTimes(ReadOnlySpan<byte> name, long seconds, uint nanoseconds)
    {
        var times = stackalloc Libc.Timespec[2];
        times[0] = times[1] = new Libc.Timespec { Seconds = seconds, Nanoseconds = nanoseconds };
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int result = Libc.UtimensAt(Fd, p, times, Libc.AT_SYMLINK_NOFOLLOW);
            Gate.Check(result, "utimensat", Text(name, result));
        }
    }

    /// <summary>Sets an extended attribute of a link, device or fifo by name; false where the file system or file type has none of that kind.</summary>
    public bool TrySetXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        // A link cannot be opened; through /proc the path is still relative to this directory and the link itself is not followed.
        byte[] prefix = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Fd}/"));
        using var native = new NativePath([.. prefix, .. name], stackalloc byte[NativePath.StackSize]);
        using var nativeAttribute = new NativePath(attribute, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native, a = nativeAttribute, v = value)
        {
            return InodeAttributes.WasSet(Libc.LsetXattr(p, a, v, (nuint)value.Length, 0), attribute);
        }
    }
}
