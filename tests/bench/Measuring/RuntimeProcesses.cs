namespace CriRuntime.Bench.Measuring;

/// <summary>The processes of the runtime under test: its daemon, its monitors, and what they started.</summary>
/// <param name="monitorProgram">File name of the monitors' program, e.g. cri-conmon or containerd-shim.</param>
/// <param name="monitorMark">Text in the command line of this runtime's monitors.</param>
internal sealed class RuntimeProcesses(Daemon daemon, string monitorProgram, string monitorMark)
{
    internal int Daemon => daemon.Pid;

    internal int[] Monitors() => ProcessMemory.Find(monitorProgram, monitorMark);

    /// <summary>What they hold now, after they have come to rest.</summary>
    internal async Task<Footprint> SettledAsync()
    {
        await Task.Delay(3000);
        int[] monitors = Monitors();
        return new Footprint(
            ProcessTree.CountBelow([Daemon, .. monitors]),
            Descriptors(Daemon),
            monitors.Sum(Descriptors),
            ProcessMemory.Rss(Daemon),
            ProcessMemory.Pss(Daemon),
            monitors.Sum(ProcessMemory.Pss));
    }

    private static int Descriptors(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;
}

/// <param name="Processes">Of the daemon, the monitors and everything below them.</param>
/// <param name="DaemonDescriptors">Open files of the daemon.</param>
/// <param name="MonitorDescriptors">Open files of all monitors together.</param>
/// <param name="DaemonRss">MB.</param>
/// <param name="DaemonPss">MB.</param>
/// <param name="MonitorPss">MB, of all monitors together.</param>
internal sealed record Footprint(int Processes, int DaemonDescriptors, int MonitorDescriptors, double DaemonRss, double DaemonPss, double MonitorPss)
{
    /// <summary>Records what is left of a work that should have left nothing.</summary>
    internal void AddGrowth(Result result, string work, Footprint before)
    {
        result.Add($"{work}: processes left", "processes", Processes - before.Processes);
        result.Add($"{work}: files left open in the daemon", "files", DaemonDescriptors - before.DaemonDescriptors);
        result.Add($"{work}: files left open in the monitors", "files", MonitorDescriptors - before.MonitorDescriptors);
        result.Add($"{work}: growth of daemon PSS", "MB more", DaemonPss - before.DaemonPss);
        result.Add($"{work}: growth of monitor PSS", "MB more", MonitorPss - before.MonitorPss);
    }
}
