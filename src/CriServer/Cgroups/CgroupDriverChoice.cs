using CriRuntime.CriServer.Configuration;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;

namespace CriRuntime.CriServer.Cgroups;

/// <summary>The cgroup driver of this daemon, and what it needs.</summary>
/// <param name="Driver">Decided at start, for good.</param>
/// <param name="Reason">Why it is this one, for the log.</param>
/// <param name="DefaultParent">Of pods that name none, as the driver names cgroups.</param>
/// <param name="Monitors">Where monitors live, as the driver names cgroups; empty: with the daemon.</param>
/// <param name="SystemdVersion">0 with cgroupfs.</param>
public sealed record CgroupDriverChoice(CgroupDriver Driver, string Reason, string DefaultParent, string Monitors, int SystemdVersion)
{
    /// <summary>Decides by the configuration and by what this host is.</summary>
    /// <exception cref="ConfigurationException">What is configured cannot be had here, or contradicts itself.</exception>
    public static async Task<CgroupDriverChoice> MakeAsync(CgroupConfiguration configuration, CgroupHierarchy hierarchy, SystemdUnits units, CancellationToken cancellationToken)
    {
        string? obstacle = Obstacle(configuration, hierarchy.Version, SystemdUnits.IsRunning);
        int version = 0;
        if (obstacle is null)
        {
            try
            {
                string text = await units.VersionAsync(cancellationToken).ConfigureAwait(false);
                version = SystemdRelease.Parse(text);
                obstacle = version < SystemdRelease.Oldest ? $"systemd {text} is older than {SystemdRelease.Oldest}" : null;
            }
            catch (SystemdException e)
            {
                obstacle = e.Message;
            }
        }
        return Decide(configuration, obstacle, version);
    }

    /// <summary>Why the systemd driver is out of the question, without asking systemd; null: it is not.</summary>
    internal static string? Obstacle(CgroupConfiguration configuration, CgroupVersion version, bool systemdRuns)
    {
        if (configuration.Driver == "cgroupfs")
            return "it is configured";
        if (!systemdRuns)
            return "this system does not run systemd (/run/systemd/system is missing)";
        if (version != CgroupVersion.V2)
            return "this system has cgroup v1 hierarchies; the systemd driver needs cgroup v2 alone (systemd.unified_cgroup_hierarchy=1 on the kernel's command line)";
        if (configuration.Driver != "auto")
            return null;
        // Whoever wrote paths before there was a choice gets what was meant.
        foreach ((string key, string value) in Names(configuration))
        {
            if (value.StartsWith('/'))
                return $"{key} is \"{value}\", a path and not a slice";
        }
        return null;
    }

    /// <param name="configuration">The keys under <c>cgroup</c>.</param>
    /// <param name="obstacle">Null: the systemd driver can be had.</param>
    /// <param name="version">Systemd's.</param>
    /// <exception cref="ConfigurationException"/>
    internal static CgroupDriverChoice Decide(CgroupConfiguration configuration, string? obstacle, int version)
    {
        if (configuration.Driver == "systemd" && obstacle is not null)
            throw new ConfigurationException($"cgroup.driver is systemd, but {obstacle}; mend that, or set cgroup.driver to cgroupfs (and the kubelet's cgroupDriver likewise)");
        bool systemd = obstacle is null;
        foreach ((string key, string value) in Names(configuration))
            CheckName(key, value, systemd, obstacle);
        return systemd
            ? new(CgroupDriver.Systemd, $"systemd {version} runs on cgroup v2", Default(configuration.DefaultParent, "criruntime.slice"), Default(configuration.Monitors, "criruntime-monitors.slice"), version)
            : new(CgroupDriver.Cgroupfs, obstacle!, Default(configuration.DefaultParent, "/criruntime"), Default(configuration.Monitors, "/criruntime-monitors"), 0);
    }

    private static string Default(string value, string fallback) => value == CgroupConfiguration.Auto ? fallback : value;

    private static IEnumerable<(string Key, string Value)> Names(CgroupConfiguration configuration)
    {
        if (configuration.DefaultParent != CgroupConfiguration.Auto)
            yield return ("cgroup.defaultParent", configuration.DefaultParent);
        if (configuration.Monitors is not (CgroupConfiguration.Auto or ""))
            yield return ("cgroup.monitors", configuration.Monitors);
    }

    private static void CheckName(string key, string value, bool systemd, string? obstacle)
    {
        try
        {
            if (systemd)
                SliceName.Expand(value);
            else if (!value.StartsWith('/'))
                throw new ConfigurationException($"{key}: \"{value}\" is not an absolute path, and the cgroup driver is cgroupfs: {obstacle}");
        }
        catch (CgroupException e)
        {
            throw new ConfigurationException($"{key}: {e.Message}, and the cgroup driver is systemd");
        }
    }
}
