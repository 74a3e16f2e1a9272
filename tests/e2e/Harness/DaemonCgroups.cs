namespace CriRuntime.E2e.Harness;

/// <summary>How a daemon's cgroups are called, by the driver that the run tests.</summary>
/// <param name="Driver">For the configuration, like the two names that follow.</param>
/// <param name="Pods">The parent of pods.</param>
/// <param name="Monitors">Where monitors live.</param>
/// <param name="Path">Of the directory above both.</param>
internal sealed record DaemonCgroups(string Driver, string Pods, string Monitors, string Path)
{
    private bool Systemd => Driver == "systemd";

    /// <param name="name">Unique among the run's daemons.</param>
    internal static DaemonCgroups For(string name)
    {
        if (!Programs.SystemdCgroups)
            return new("cgroupfs", $"{Programs.Cgroup}/{name}/pods", $"{Programs.Cgroup}/{name}/monitors", $"{Programs.Cgroup}/{name}");
        string run = Programs.Cgroup["/".Length..^".slice".Length];
        string own = $"{run}-{name.Replace('-', '_')}";
        return new("systemd", $"{own}-pods.slice", $"{own}-monitors.slice", $"{Programs.Cgroup}/{own}.slice");
    }

    /// <summary>The path of a container's cgroup, in a pod that names no parent.</summary>
    internal string Container(string podId, string containerId) => Systemd
        ? $"{Path}/{Pods}/{Pods[..^".slice".Length]}-pod{podId}.slice/criruntime-{containerId}.scope"
        : $"{Pods}/{podId}/{containerId}";

    /// <summary>Ends the slices, which nobody else does; without systemd the audit has removed the directories.</summary>
    internal Task RemoveAsync() => Systemd ? Shell.RunAsync("systemctl", "stop", System.IO.Path.GetFileName(Path)) : Task.CompletedTask;
}
