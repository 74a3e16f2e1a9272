using System.Text;

namespace CriRuntime.Linux;

/// <summary>Making, renaming and removing names.</summary>
public sealed unsafe partial class DirectoryFd
{
    /// <summary>Makes a directory; false when the name is taken. The mode is subject to the umask.</summary>
    public bool TryMakeDirectory(ReadOnlySpan<byte> name, uint permissions)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            return Made(Libc.MkdirAt(Fd, p, permissions), "mkdirat", name);
        }
    }

    /// <summary>Makes a symbolic link; false when the name is taken.</summary>
    public bool TryMakeSymlink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> name)
    {
        using var nativeTarget = new NativePath(target, stackalloc byte[NativePath.StackSize]);
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* t = nativeTarget, p = native)
        {
            return Made(Libc.SymlinkAt(t, Fd, p), "symlinkat", name);
        }
    }

    /// <summary>Makes a hard link to <paramref name="name"/> of this directory (a link itself, where that is a symbolic link); false when the new name is taken.</summary>
    public bool TryMakeLink(ReadOnlySpan<byte> name, DirectoryFd newDirectory, ReadOnlySpan<byte> newName)
    {
        using var from = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        using var to = new NativePath(newName, stackalloc byte[NativePath.StackSize]);
        fixed (byte* f = from, t = to)
        {
            return Made(Libc.LinkAt(Fd, f, newDirectory.Fd, t, 0), "linkat", newName);
        }
    }

    /// <summary>Makes a device, fifo or socket node; false when the name is taken. The mode is subject to the umask.</summary>
    public bool TryMakeNode(ReadOnlySpan<byte> name, FileKind kind, uint permissions, uint major, uint minor)
    {
        ulong device = (minor & 0xFFu) | ((major & 0xFFFu) << 8) | ((ulong)(minor & ~0xFFu) << 12) | ((ulong)(major & ~0xFFFu) << 32);
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            return Made(Libc.MknodAt(Fd, p, (uint)kind | permissions, device), "mknodat", name);
        }
    }

    /// <summary>Removes a name that is not a directory; false when there is none.</summary>
    public bool Unlink(ReadOnlySpan<byte> name) => Removed(name, 0);

    /// <summary>Removes an empty directory; false when there is none.</summary>
    public bool RemoveDirectory(ReadOnlySpan<byte> name) => Removed(name, Libc.AT_REMOVEDIR);

    /// <summary>Renames, replacing what has the new name (renameat2(2)).</summary>
    public void Rename(ReadOnlySpan<byte> name, DirectoryFd newDirectory, ReadOnlySpan<byte> newName) =>
        Gate.Check(Rename(name, newDirectory, newName, 0), "renameat2", Encoding.UTF8.GetString(newName));

    /// <summary>Renames unless the new name is taken (RENAME_NOREPLACE): then false.</summary>
    public bool TryRenameNew(ReadOnlySpan<byte> name, DirectoryFd newDirectory, ReadOnlySpan<byte> newName) =>
        Made(Rename(name, newDirectory, newName, 1), "renameat2", newName);

    /// <summary>The target of a symbolic link; null when the name is no link or is missing.</summary>
    public byte[]? TryReadLink(ReadOnlySpan<byte> name)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        byte* buffer = stackalloc byte[4096];
        fixed (byte* p = native)
        {
            nint length = Libc.ReadlinkAt(Fd, p, buffer, 4096);
            if (length < 0 && Gate.LastErrno is Errno.EINVAL or Errno.ENOENT)
            {
                return null;
            }

            Gate.Check(length, "readlinkat", Text(name, length));
            return new ReadOnlySpan<byte>(buffer, (int)length).ToArray();
        }
    }

    private int Rename(ReadOnlySpan<byte> name, DirectoryFd newDirectory, ReadOnlySpan<byte> newName, uint flags)
    {
        using var from = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        using var to = new NativePath(newName, stackalloc byte[NativePath.StackSize]);
        fixed (byte* f = from, t = to)
        {
            return Libc.RenameAt2(Fd, f, newDirectory.Fd, t, flags);
        }
    }

    private bool Removed(ReadOnlySpan<byte> name, int flags)
    {
        using var native = new NativePath(name, stackalloc byte[NativePath.StackSize]);
        fixed (byte* p = native)
        {
            int result = Libc.UnlinkAt(Fd, p, flags);
            if (result < 0 && Gate.LastErrno == Errno.ENOENT)
            {
                return false;
            }

            Gate.Check(result, "unlinkat", Text(name, result));
            return true;
        }
    }

    private static bool Made(int result, string operation, ReadOnlySpan<byte> name)
    {
        if (result < 0 && Gate.LastErrno == Errno.EEXIST)
        {
            return false;
        }

        Gate.Check(result, operation, Text(name, result));
        return true;
    }
}
