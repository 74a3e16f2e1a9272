namespace CriRuntime.CriServer.Sandboxes;

/// <summary>The few mounts that the daemon makes or takes away in the host's mount namespace.</summary>
public interface IHostMounts
{
    /// <summary>Mounts a tmpfs of <paramref name="size"/> bytes, world-writable with the sticky bit, on an empty directory.</summary>
    /// <param name="user">Its owner on the host.</param>
    /// <param name="context">The SELinux context of its files; null: the policy's.</param>
    void MountShm(string directory, long size, uint user, uint group, string? context);

    /// <summary>Takes away whatever is mounted on the path, even if in use. Fine when nothing is, or nothing is there.</summary>
    void Unmount(string path);
}
