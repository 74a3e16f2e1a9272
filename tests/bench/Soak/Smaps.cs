using System.Globalization;

namespace CriRuntime.Soak;

/// <summary>A process's memory as the kernel accounts it (/proc/PID/smaps_rollup).</summary>
internal static class Smaps
{
    internal static long Kilobytes(int pid, string field)
    {
        string line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    internal static string Describe(int pid) =>
        $"monitor: PSS {Kilobytes(pid, "Pss")} kB, RSS {Kilobytes(pid, "Rss")} kB, private dirty {Kilobytes(pid, "Private_Dirty")} kB";
}
