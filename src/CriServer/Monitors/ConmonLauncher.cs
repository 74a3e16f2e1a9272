using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Monitors;

/// <summary>Starts and adopts cri-conmon.</summary>
public sealed class ConmonLauncher(RuntimeSettings settings) : IMonitorLauncher
{
    // A container's process shows the monitor's program as /proc/self/exe until it executes its own, so an image can get hold of it:
    // from a read-only mount it cannot be overwritten (CVE-2019-5736).
    // The spawned child has none of the daemon's descriptors when it executes, so the path goes through the daemon itself.
    private readonly Lazy<FileDescriptor> _program = new(() => ReadOnlyExecutable.Open(settings.ConmonPath));
    private readonly Lazy<IReadOnlyList<string>> _cgroup = new(() => MonitorCgroup.Prepare(settings.MonitorCgroup));

    public async Task<IMonitor> LaunchAsync(string podId, string podDirectory, CancellationToken cancellationToken)
    {
        MonitorLaunchOptions options = new($"/proc/{Environment.ProcessId}/fd/{_program.Value.Number}", podDirectory, podId)
        {
            CgroupProcs = _cgroup.Value,
            LogLevel = settings.MonitorLogLevel,
        };
        return new ConmonMonitor(await MonitorClient.LaunchAsync(options, cancellationToken).ConfigureAwait(false));
    }

    public async Task<IMonitor> AdoptAsync(string podDirectory, CancellationToken cancellationToken) =>
        new ConmonMonitor(await MonitorClient.AdoptAsync(podDirectory, cancellationToken).ConfigureAwait(false));
}

/// <summary>The cgroup that holds all monitors, apart from the daemon's own, which ends with its service.</summary>
internal static class MonitorCgroup
{
    /// <summary>Makes the cgroup in each hierarchy.</summary>
    /// <returns>The files through which a monitor joins it; none when the path is empty.</returns>
    public static IReadOnlyList<string> Prepare(string path)
    {
        if (path.Length == 0)
            return [];
        List<string> procs = [];
        foreach (CgroupDirectory directory in CgroupPlacement.For(CgroupHierarchy.Detect(), path).Directories)
        {
            // A new v1 cpuset has no CPUs and takes no process; monitors stay in the daemon's.
            if (directory.Version == CgroupVersion.V1 && directory.Mount.Has("cpuset"))
                continue;
            Directory.CreateDirectory(directory.Path);
            procs.Add(directory.ProcsFile);
        }

        return procs;
    }
}
