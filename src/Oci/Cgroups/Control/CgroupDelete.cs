using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>Removes a placement's directories, with what its processes made below them, and nothing above.</summary>
public static class CgroupDelete
{
    /// <summary>One pass over all hierarchies; false when some directory is still busy: processes are exiting, or live in it.</summary>
    /// <exception cref="LinuxException">A directory cannot be removed for another reason.</exception>
    public static bool TryDelete(CgroupPlacement placement)
    {
        bool gone = true;
        foreach (CgroupDirectory directory in placement.Directories)
            gone &= TryDelete(directory.Path);
        return gone;
    }

    /// <inheritdoc cref="TryDelete(CgroupPlacement)"/>
    public static bool TryDelete(string directory)
    {
        // Nearly always there is nothing below.
        if (TryRemove(directory))
            return true;
        bool gone = true;
        List<string> tree = CgroupTree.Directories(directory);
        for (int i = tree.Count - 1; i >= 0; i--)
            gone &= TryRemove(tree[i]);
        return gone;
    }

    /// <summary>Deletes, again while directories are busy, until the time is over.</summary>
    /// <exception cref="CgroupException">What is still there then, and how many processes are in it.</exception>
    public static async Task DeleteAsync(CgroupPlacement placement, TimeSpan limit, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var pause = TimeSpan.FromMilliseconds(1);
        while (!TryDelete(placement))
        {
            if (Environment.TickCount64 >= deadline)
                throw StillBusy(placement, limit);
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = TimeSpan.FromMilliseconds(Math.Min(100, pause.TotalMilliseconds * 2));
        }
    }

    private static bool TryRemove(string directory) => CgroupFile.TryRemoveDirectory(directory) switch
    {
        Errno.None or Errno.ENOENT => true,
        Errno.EBUSY or Errno.ENOTEMPTY => false,
        Errno errno => throw new LinuxException("rmdir", directory, errno),
    };

    private static CgroupException StillBusy(CgroupPlacement placement, TimeSpan limit)
    {
        CgroupDirectory busy = placement.Directories.FirstOrDefault(static d => Directory.Exists(d.Path)) ?? placement.Directories[0];
        int processes = CgroupProcesses.ListTree(busy.Path).Count;
        return new CgroupException($"cgroup {busy.Path} is still busy after {limit.TotalSeconds:0.#} s with {processes} processes in it");
    }
}
