using System.Globalization;

namespace CriRuntime.Bench.Measuring;

/// <summary>Who started whom, by what /proc says.</summary>
internal static class ProcessTree
{
    /// <summary>How many processes, zombies included, are <paramref name="roots"/> or descend from them.</summary>
    internal static int CountBelow(int[] roots)
    {
        ILookup<int, int> children = Parents().ToLookup(pair => pair.Parent, pair => pair.Pid);
        HashSet<int> seen = [];
        Queue<int> open = new(roots);
        while (open.TryDequeue(out int pid))
        {
            if (!seen.Add(pid))
                continue;
            foreach (int child in children[pid])
                open.Enqueue(child);
        }

        return seen.Count;
    }

    private static List<(int Pid, int Parent)> Parents()
    {
        List<(int Pid, int Parent)> parents = [];
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int pid))
                continue;
            try
            {
                string stat = File.ReadAllText(directory + "/stat");
                parents.Add((pid, int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // It ended while we looked.
                continue;
            }
        }

        return parents;
    }
}
