using System.Globalization;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// criu saves a process and its descendants. In a pid namespace of its own those are all of a container's processes; in a shared one those whose parents have ended are children of
/// another container's process, the namespace's first.
/// </summary>
public static class ProcessTree
{
    /// <exception cref="CriException">FailedPrecondition: a process of the container is not in the tree.</exception>
    /// <param name="first">The container's first process.</param>
    /// <param name="processes">All of the container's, execs among them.</param>
    public static void CheckWhole(int first, IReadOnlyCollection<int> processes)
    {
        if (FindOrphan(first, processes, ParentOf) is { } orphan)
        {
            throw CriException.FailedPrecondition(
                $"its process {orphan} has lost its parent and so belongs to the first process of the pid namespace that the container shares: criu would not save it");
        }
    }

    /// <summary>A process that is neither a descendant of the first nor of an exec, which is no part of a checkpoint and is the monitor's child as the first is. Pure.</summary>
    /// <param name="parentOf">0: it has ended.</param>
    internal static int? FindOrphan(int first, IReadOnlyCollection<int> processes, Func<int, int> parentOf)
    {
        HashSet<int> all = [.. processes];
        int monitor = parentOf(first);
        foreach (int process in processes)
        {
            int eldest = process;
            for (int left = all.Count; left > 0 && eldest != first && all.Contains(parentOf(eldest)); left--)
                eldest = parentOf(eldest);
            if (eldest != first && parentOf(eldest) is var parent && parent != 0 && parent != monitor)
                return process;
        }

        return null;
    }

    /// <summary>proc(5): "PID (NAME) STATE PPID ..."; a name may have anything in it.</summary>
    private static int ParentOf(int pid)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }
}
