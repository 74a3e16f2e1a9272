using System.Globalization;

namespace CriRuntime.Bench.Measuring;

/// <summary>Memory and processor time of processes by what /proc says.</summary>
internal static class ProcessMemory
{
    private const double Mega = 1024.0;

    /// <summary>Resident set in MB.</summary>
    internal static double Rss(int pid) => Field($"/proc/{pid}/status", "VmRSS:") / Mega;

    /// <summary>The part of the resident set in MB that is no file: heap and stacks.</summary>
    internal static double RssAnon(int pid) => Field($"/proc/{pid}/status", "RssAnon:") / Mega;

    /// <summary>Proportional set in MB: shared pages counted by share.</summary>
    internal static double Pss(int pid) => Field($"/proc/{pid}/smaps_rollup", "Pss:") / Mega;

    /// <summary>User and system time in seconds since the process began.</summary>
    internal static double CpuSeconds(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>Processes whose program's file name begins with <paramref name="name"/> and whose command line holds <paramref name="text"/>.</summary>
    internal static int[] Find(string name, string text)
    {
        List<int> found = [];
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int pid))
                continue;
            try
            {
                string[] command = File.ReadAllText(directory + "/cmdline").Split('\0');
                if (Path.GetFileName(command[0]).StartsWith(name, StringComparison.Ordinal) && command.Any(part => part.Contains(text, StringComparison.Ordinal)))
                    found.Add(pid);
            }
            catch (IOException)
            {
                // It ended while we looked.
                continue;
            }
        }

        return [.. found];
    }

    private static double Field(string file, string name)
    {
        string line = File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
