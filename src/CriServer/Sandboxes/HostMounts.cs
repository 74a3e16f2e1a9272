using CriRuntime.Linux;

namespace CriRuntime.CriServer.Sandboxes;

/// <inheritdoc cref="IHostMounts"/>
public sealed class HostMounts : IHostMounts
{
    private const int WorldWritableSticky = 0x3FF; // 01777

    public void MountShm(string directory, long size, uint user, uint group, string? context) =>
        HostMount.Tmpfs(directory, size, WorldWritableSticky, user, group, context);

    public void Unmount(string path)
    {
        while (HostMount.Detach(path))
        {
            // One mount may lie over another, where a start of the daemon that failed half-way left one.
        }
    }
}
