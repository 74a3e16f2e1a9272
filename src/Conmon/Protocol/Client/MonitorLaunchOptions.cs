namespace CriRuntime.Conmon.Protocol;

/// <summary>How a new monitor is started.</summary>
/// <param name="ConmonPath">The cri-conmon executable, absolute.</param>
/// <param name="PodDirectory">The pod's runtime directory, existing, absolute.</param>
/// <param name="PodId">For messages and process listings.</param>
public sealed record MonitorLaunchOptions(string ConmonPath, string PodDirectory, string PodId)
{
    /// <summary>cgroup.procs files into which the monitor puts itself; empty: it stays in the daemon's cgroup.</summary>
    public IReadOnlyList<string> CgroupProcs { get; init; } = [];

    public MonitorLogLevel LogLevel { get; init; } = MonitorLogLevel.Warning;
}
