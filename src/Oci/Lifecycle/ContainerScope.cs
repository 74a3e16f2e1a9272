using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Cgroups.Systemd;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>
/// The scope of a container with the systemd cgroup driver. The process is born in the scope's cgroup, made and limited by its launch plan; before its
/// program runs, systemd is told of the scope around it, with the same limits. From then on limits are changed in the files and in the scope.
/// </summary>
public sealed class ContainerScope
{
    private readonly ScopeName name;
    private readonly string id;
    private readonly LinuxResources? limits;
    private readonly IReadOnlyList<UnitProperty> further;

    private ContainerScope(ScopeName name, string id, Spec spec)
    {
        this.name = name;
        this.id = id;
        limits = spec.Linux?.Resources;
        further = UnitAnnotations.Parse(spec.Annotations);
        Placement = CgroupPlacement.For(CgroupHierarchy.Detect(), name.CgroupPath);
    }

    /// <summary>The scope's cgroup.</summary>
    public CgroupPlacement Placement { get; }

    public string CgroupPath => name.CgroupPath;

    /// <summary>The unit.</summary>
    public string Unit => name.Unit;

    /// <summary>Systemd has started it, so its name is this container's.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>The scope that a container is to have: what linux.cgroupsPath names, else <c>cri-oci-ID.scope</c> in <c>system.slice</c>.</summary>
    /// <exception cref="OciException">No systemd rules this system's cgroups; or the scope has processes already.</exception>
    /// <exception cref="CgroupException">The path or an annotation is none for the systemd driver.</exception>
    public static ContainerScope For(Spec spec, string id)
    {
        string path = spec.Linux?.CgroupsPath is { Length: > 0 } given ? given : $":cri-oci:{id}";
        ContainerScope scope = new(ScopeName.Parse(path), id, spec);
        if (!SystemdUnits.IsRunning)
            throw new OciException("--systemd-cgroup: this system does not run systemd (/run/systemd/system is missing); leave the option out and use a cgroupsPath such as /pod/container");
        if (scope.Placement.Version != CgroupVersion.V2)
            throw new OciException("--systemd-cgroup: this system has cgroup v1 hierarchies; systemd's scopes are for cgroup v2 alone (systemd.unified_cgroup_hierarchy=1 on the kernel's command line)");
        if (CgroupProcesses.ListTree(scope.Placement.Unified!.Path).Count > 0)
            throw new OciException($"linux.cgroupsPath \"{path}\": {scope.Unit} has processes already, of another container");
        return scope;
    }

    /// <summary>Has systemd start the scope around a process that lives in its cgroup.</summary>
    /// <param name="pid">In the host's pid namespace.</param>
    /// <exception cref="SystemdException">Systemd refuses, or cannot be reached.</exception>
    public void Start(int pid)
    {
        using BlockingSystemd systemd = new();
        IReadOnlyList<CgroupStep.WriteFile> writes = CgroupPlanner.PlanUpdate(Placement, limits ?? new LinuxResources());
        IReadOnlyList<UnitProperty> properties =
            TransientUnits.Scope(name.Slice, $"container {id}", pid, [.. UnitLimits.AtStart(writes, Release(systemd)), .. further]);
        try
        {
            systemd.StartTransient(Unit, properties);
        }
        catch (SystemdException e) when (e.IsUnitExists)
        {
            // Of an earlier container that failed, and was not collected; or the call was made twice over a connection that broke.
            systemd.ResetFailed(Unit);
            systemd.StartTransient(Unit, properties);
        }
        IsStarted = true;
        // Taking the cgroup over, systemd wrote what it knows: rounded, and its own defaults where it has no property.
        if (limits is not null)
            CgroupUpdate.Apply(Placement, limits);
    }

    /// <summary>Changes a container's limits, in the files and in the scope: in both or in none.</summary>
    /// <exception cref="CgroupException">As <see cref="CgroupUpdate.Apply"/>.</exception>
    /// <exception cref="SystemdException">Systemd refuses them, or cannot be reached; the files are as before.</exception>
    public static void Update(string unit, CgroupPlacement placement, LinuxResources limits)
    {
        using BlockingSystemd systemd = new();
        int release = Release(systemd);
        // The files first: they refuse what cannot be, and are all or nothing.
        LimitChanges changes = CgroupUpdate.Apply(placement, limits);
        try
        {
            IReadOnlyList<UnitProperty> properties = UnitLimits.From(CgroupPlanner.PlanUpdate(placement, limits), release);
            if (properties.Count > 0)
                systemd.SetProperties(unit, properties);
        }
        catch (SystemdException)
        {
            changes.Revert();
            throw;
        }
        CgroupUpdate.Apply(placement, limits);
    }

    /// <summary>Ends a scope and frees its name. One without processes is gone by itself most often, so a failure is a warning.</summary>
    public static void Stop(string unit, Action<string> warn)
    {
        using BlockingSystemd systemd = new();
        try
        {
            systemd.Stop(unit);
            systemd.ResetFailed(unit);
        }
        catch (SystemdException e)
        {
            warn(e.Message);
        }
    }

    private static int Release(BlockingSystemd systemd)
    {
        string version = systemd.Version();
        int release = SystemdRelease.Parse(version);
        return release >= SystemdRelease.Oldest ? release : throw new OciException($"--systemd-cgroup: systemd {version} is older than {SystemdRelease.Oldest}");
    }
}
