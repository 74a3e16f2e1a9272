using System.Text;

namespace CriRuntime.E2e.Harness;

/// <summary>What a daemon left behind after all its pods were removed and it was stopped: mounts, processes, cgroups, network interfaces.</summary>
internal static class LeakAudit
{
    /// <returns>One line a finding; empty when there is none.</returns>
    internal static async Task<string> FindAsync(Daemon daemon)
    {
        StringBuilder found = new();
        foreach (string mount in await File.ReadAllLinesAsync("/proc/self/mountinfo"))
        {
            if (mount.Contains(daemon.Base, StringComparison.Ordinal))
                found.AppendLine("mount: " + mount);
        }

        // A monitor that was told to go needs a moment.
        string[] processes = Processes(daemon);
        for (int i = 0; i < 250 && processes.Length > 0; i++)
        {
            await Task.Delay(20);
            processes = Processes(daemon);
        }

        foreach (string process in processes)
            found.AppendLine("process: " + process);
        if (processes.Length > 0)
            return found.ToString();
        List<string> cgroups = Cgroups(daemon);
        // Systemd removes a monitor's scope when it comes to it.
        for (int i = 0; Programs.SystemdCgroups && i < 250 && cgroups.Count > 0; i++)
        {
            await Task.Delay(20);
            cgroups = Cgroups(daemon);
        }

        foreach (string cgroup in cgroups)
            found.AppendLine("cgroup: " + cgroup);
        string pods = Path.Combine(daemon.Run, "pods");
        if (Directory.Exists(pods))
        {
            foreach (string pod in Directory.GetFileSystemEntries(pods))
                found.AppendLine("pod directory: " + pod);
        }

        string snapshots = Path.Combine(daemon.Root, "images", "snapshots");
        if (Directory.Exists(snapshots))
        {
            foreach (string snapshot in Directory.GetFileSystemEntries(snapshots))
                found.AppendLine("snapshot: " + snapshot);
        }

        return found.ToString();
    }

    /// <summary>Processes of the daemon's cgroup (monitors and containers), and any whose command line names its directory.</summary>
    private static string[] Processes(Daemon daemon)
    {
        HashSet<string> inCgroup = [.. OwnCgroups(daemon).SelectMany(Pids)];
        List<string> found = [];
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            string pid = Path.GetFileName(directory);
            if (!int.TryParse(pid, out int number) || number == Environment.ProcessId)
                continue;
            try
            {
                string command = File.ReadAllText(directory + "/cmdline").Replace('\0', ' ');
                if (inCgroup.Contains(pid) || command.Contains(daemon.Base, StringComparison.Ordinal))
                    found.Add($"{pid} {command}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
                continue;
            }
        }

        return [.. found];
    }

    private static string[] Pids(string cgroup)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return [.. Directory.EnumerateFiles(cgroup, "cgroup.procs", SearchOption.AllDirectories).SelectMany(File.ReadAllLines)];
            }
            catch (IOException) when (tries < 100)
            {
                // A cgroup below was removed while we looked.
                continue;
            }
        }
    }

    private static IEnumerable<string> OwnCgroups(Daemon daemon) =>
        Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(hierarchy => hierarchy + daemon.Cgroup).Where(Directory.Exists);

    /// <summary>Cgroups below the daemon's own, whose two fixed parents may stay until now, empty. Removes them, unless they are systemd's. What is above them is also other daemons'.</summary>
    private static List<string> Cgroups(Daemon daemon)
    {
        List<string> found = [];
        foreach (string own in OwnCgroups(daemon).ToArray())
        {
            foreach (string parent in Directory.GetDirectories(own))
            {
                found.AddRange(Directory.GetDirectories(parent));
                if (!Programs.SystemdCgroups)
                    Directory.Delete(parent);
            }

            if (Programs.SystemdCgroups)
                continue;
            Directory.Delete(own);
        }

        return found;
    }
}
