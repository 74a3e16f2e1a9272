using System.Globalization;

namespace CriRuntime.Linux;

/// <summary>Mounts in this process's own mount namespace. (Those of containers are steps of a launch plan.)</summary>
public static class HostMount
{
    /// <summary>Mounts an empty tmpfs (tmpfs(5)) without devices, programs and set-id files.</summary>
    /// <param name="path">An existing directory.</param>
    /// <param name="size">The most it may hold, in bytes.</param>
    /// <param name="permissions">Mode bits of its root.</param>
    /// <param name="user">Owner of its root.</param>
    /// <param name="context">The SELinux context of all its files; null: the policy's.</param>
    public static void Tmpfs(string path, long size, int permissions, uint user = 0, uint group = 0, string? context = null)
    {
        string options = string.Create(CultureInfo.InvariantCulture, $"mode={Convert.ToString(permissions, 8)},size={size},uid={user},gid={group}");
        if (context is not null)
            options += $",context=\"{context}\""; // quoted, for categories have commas
        const ulong Flags = Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC;
        Gate.Check(Libc.Mount("tmpfs", path, "tmpfs", Flags, options), "mount", path);
    }

    /// <summary>Detaches the topmost mount on the path, even when it is in use; a last component that is a link is not followed.</summary>
    /// <returns>False when nothing is mounted there, or nothing is there.</returns>
    public static bool Detach(string path)
    {
        int result = Libc.Umount2(path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
        if (result < 0 && Gate.LastErrno is Errno.EINVAL or Errno.ENOENT)
            return false;
        Gate.Check(result, "umount2", path);
        return true;
    }
}
