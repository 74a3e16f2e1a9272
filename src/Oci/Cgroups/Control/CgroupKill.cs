using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>
/// Kills every process of a placement, those that fork meanwhile too. With a v2 hierarchy, even a hybrid one, by one write to cgroup.kill (kernel 5.14);
/// else by freezing, signalling and thawing, again until nothing is left.
/// </summary>
public sealed class CgroupKill
{
    private const int SigKill = 9;

    /// <summary>How often a v1 pass tries to freeze before it signals what runs.</summary>
    private const int FreezeAttempts = 10;

    private readonly string? killFile;
    private readonly string listDirectory;
    private readonly CgroupFreezer? v1Freezer;

    public CgroupKill(CgroupPlacement placement)
        : this(placement.Unified?.Path, placement.Find("freezer")?.Path, placement.Directories[0].Path)
    {
    }

    private CgroupKill(string? unified, string? freezer, string other)
    {
        killFile = unified is null ? null : unified + "/cgroup.kill";
        listDirectory = unified ?? freezer ?? other;
        v1Freezer = freezer is null ? null : CgroupFreezer.V1(freezer);
    }

    /// <summary>
    /// For one who has the paths of a container's directories only, one or more, and does not know what hierarchies they are in: their files tell.
    /// </summary>
    public static CgroupKill Of(IReadOnlyList<string> directories)
    {
        string? unified = null;
        string? freezer = null;
        foreach (string directory in directories)
        {
            if (unified is null && Has(directory, "/cgroup.events"))
                unified = directory;
            else if (freezer is null && Has(directory, "/freezer.state"))
                freezer = directory;
        }
        return new CgroupKill(unified, freezer, directories[0]);
    }

    /// <summary>
    /// One pass: SIGKILL is on its way to every process when it returns. True when no process is left; killed ones stay listed until they have exited, so
    /// ask again (or <see cref="IsEmpty"/>) after a moment. A cgroup that is gone is empty.
    /// </summary>
    public bool TryKillAll()
    {
        if (!TryKillFile())
            KillFrozen();
        // SIGKILL waits while a v1 freezer holds its process; cgroup.kill does not thaw it.
        v1Freezer?.Thaw();
        return IsEmpty();
    }

    /// <summary>True when the tree has no process, or is gone.</summary>
    public bool IsEmpty() => CgroupProcesses.ListTree(listDirectory).Count == 0;

    /// <summary>Kills until the tree is empty or the time is over; false then.</summary>
    public async Task<bool> KillAllAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var pause = TimeSpan.FromMilliseconds(1);
        while (!TryKillAll())
        {
            if (Environment.TickCount64 >= deadline)
                return false;
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            pause = TimeSpan.FromMilliseconds(Math.Min(50, pause.TotalMilliseconds * 2));
        }
        return true;
    }

    private static bool Has(string directory, string file) => CgroupFile.TryRead(directory + file, stackalloc byte[1]) >= 0;

    private bool TryKillFile()
    {
        if (killFile is null)
            return false;
        Errno errno = CgroupFile.TryWrite(killFile, "1"u8);
        return errno switch
        {
            Errno.None or Errno.ENODEV => true,
            // An older kernel has no such file; a cgroup that is gone has none either, and nothing to signal.
            Errno.ENOENT => false,
            _ => throw new LinuxException("write to", killFile, errno),
        };
    }

    private void KillFrozen()
    {
        for (int i = 0; v1Freezer is not null && Directory.Exists(listDirectory) && i < FreezeAttempts; i++)
        {
            v1Freezer.Freeze();
            if (v1Freezer.IsFrozen())
                break;
        }
        CgroupProcesses.Signal(listDirectory, SigKill);
    }
}
