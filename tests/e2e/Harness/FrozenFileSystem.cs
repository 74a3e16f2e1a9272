namespace CriRuntime.E2e.Harness;

/// <summary>
/// An ext4 file system of the test's own that can be frozen (fsfreeze(8)): whoever writes to it then is in an uninterruptible sleep that no signal ends, as
/// with a dead network file system. Disposing always thaws it.
/// </summary>
internal sealed class FrozenFileSystem : IAsyncDisposable
{
    private readonly string _image;

    private FrozenFileSystem(string directory)
    {
        _image = directory + ".img";
        MountPoint = directory;
    }

    internal string MountPoint { get; }

    internal static async Task<FrozenFileSystem> MakeAsync(string directory)
    {
        FrozenFileSystem made = new(directory);
        Directory.CreateDirectory(directory);
        await using (FileStream image = File.Create(made._image))
            image.SetLength(16 << 20);
        await Shell.RunAsync("mkfs.ext4", "-q", "-F", made._image);
        await Shell.RunAsync("mount", "-o", "loop", made._image, directory);
        return made;
    }

    internal Task FreezeAsync() => Shell.RunAsync("fsfreeze", "-f", MountPoint);

    internal Task ThawAsync() => Shell.RunAsync("fsfreeze", "-u", MountPoint);

    public async ValueTask DisposeAsync()
    {
        // Refused where it is thawed already.
        await Shell.TryAsync("fsfreeze", "-u", MountPoint);
        await Shell.RunAsync("umount", MountPoint);
        File.Delete(_image);
        Directory.Delete(MountPoint);
    }
}
