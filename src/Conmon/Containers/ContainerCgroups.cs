using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.Conmon.Containers;

/// <summary>A container's directories in the cgroup hierarchies, possibly none: ends what is in them and removes them.</summary>
internal sealed class ContainerCgroups(IReadOnlyList<string> directories)
{
    // Made when wanted, which is when the directories are there.
    private CgroupKill? _kill;
    private CgroupFreezer? _freezer;

    internal IReadOnlyList<string> Directories => directories;

    /// <summary>True when no process is left.</summary>
    internal bool IsEmpty => Attempt(static kill => kill.IsEmpty());

    /// <summary>The container is paused: a process that joins it would not come to its program.</summary>
    internal bool IsFreezing => (_freezer ??= CgroupFreezer.Of(directories)) is { } freezer && freezer.IsFreezing();

    /// <summary>Sends SIGKILL to every process in them, children's cgroups included. False: some have not ended yet, ask again.</summary>
    internal bool KillAll() => Attempt(static kill => kill.TryKillAll());

    /// <summary>The processes in them; each is in one directory of every hierarchy, so one hierarchy has them all.</summary>
    internal IReadOnlyList<int> Processes() => directories.Count == 0 ? [] : CgroupProcesses.ListTree(directories[0]);

    /// <summary>Removes the directories with what the container made in them. False when that is not possible yet: try again.</summary>
    internal bool TryRemove()
    {
        bool gone = true;
        foreach (string directory in directories)
            gone &= TryRemove(directory);
        return gone;
    }

    private bool Attempt(Func<CgroupKill, bool> action)
    {
        if (directories.Count == 0)
            return true;
        try
        {
            return action(_kill ??= CgroupKill.Of(directories));
        }
        catch (LinuxException)
        {
            // Something that passes (no free descriptor): every caller tries again.
            return false;
        }
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            return CgroupDelete.TryDelete(directory);
        }
        catch (LinuxException)
        {
            // Something that passes (no free descriptor), or that the deletion's last attempt tells of.
            return false;
        }
    }
}
