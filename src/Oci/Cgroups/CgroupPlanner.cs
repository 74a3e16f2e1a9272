using System.Runtime.InteropServices;
using CriRuntime.Oci.Cgroups.Controllers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups;

/// <summary>Turns a placement and the configuration's resources into steps. A pure function: same input, same steps.</summary>
public static class CgroupPlanner
{
    /// <summary>
    /// The steps that make the container's cgroups with these limits; null resources mean the default device rules and nothing else.
    /// </summary>
    /// <exception cref="CgroupException">Something asked for cannot be had on this host, or is contradictory.</exception>
    public static CgroupSetup Plan(CgroupPlacement placement, LinuxResources? resources)
    {
        resources ??= new LinuxResources();
        List<CgroupStep> steps = [];
        List<string> warnings = [];
        RequireControllers(placement.Hierarchy, resources, warnings);
        bool ownsDevices = placement.Find("devices") is null;
        foreach (CgroupDirectory directory in placement.Directories)
        {
            if (directory.Version == CgroupVersion.V2)
                UnifiedDirectoryPlan.Append(directory, resources, ownsDevices, steps);
            else
                AppendV1(directory, resources, steps);
        }
        return new CgroupSetup(
            [.. steps],
            [.. placement.ProcsFiles],
            [.. Array.ConvertAll(ImmutableCollectionsMarshal.AsArray(placement.Directories) ?? [], static d => d.Path)],
            [.. warnings]);
    }

    /// <summary>The writes that bring a live cgroup to these limits; device rules are left out.</summary>
    /// <exception cref="CgroupException">Something asked for cannot be had on this host, or is contradictory.</exception>
    public static IReadOnlyList<CgroupStep.WriteFile> PlanUpdate(CgroupPlacement placement, LinuxResources resources)
    {
        RequireControllers(placement.Hierarchy, resources, []);
        List<CgroupStep.WriteFile> writes = [];
        foreach (CgroupDirectory directory in placement.Directories)
        {
            var settings = new SettingList(directory.Path);
            foreach (Controller controller in ControllerSet.Of(directory.Version))
            {
                if (controller.Name != "devices" && directory.Mount.Has(controller.Name) && controller.Requested(resources) is not null)
                    controller.Apply(resources, settings);
            }
            if (directory.Version == CgroupVersion.V2)
                UnifiedDirectoryPlan.AppendUnified(resources, settings);
            writes.AddRange(settings.Steps.OfType<CgroupStep.WriteFile>());
        }
        return writes;
    }

    private static void AppendV1(CgroupDirectory directory, LinuxResources resources, List<CgroupStep> steps)
    {
        bool isCpuset = directory.Mount.Has("cpuset");
        string parent = directory.Mount.MountPoint;
        foreach (string level in (IEnumerable<string>)[.. directory.Ancestors(), directory.Path])
        {
            steps.Add(new CgroupStep.MakeDirectory(level));
            if (isCpuset)
            {
                steps.Add(new CgroupStep.CopyIfEmpty(level + "/cpuset.cpus", parent + "/cpuset.cpus"));
                steps.Add(new CgroupStep.CopyIfEmpty(level + "/cpuset.mems", parent + "/cpuset.mems"));
            }
            parent = level;
        }
        var settings = new SettingList(directory.Path);
        foreach (Controller controller in ControllerSet.Of(CgroupVersion.V1))
        {
            if (directory.Mount.Has(controller.Name) && controller.Requested(resources) is not null)
                controller.Apply(resources, settings);
        }
        steps.AddRange(settings.Steps);
    }

    /// <summary>Everything asked for must have its controller in some hierarchy, in the version that this hierarchy has.</summary>
    private static void RequireControllers(CgroupHierarchy hierarchy, LinuxResources resources, List<string> warnings)
    {
        HashSet<string> served = new(StringComparer.Ordinal);
        foreach (Controller controller in ControllerSet.Known)
        {
            if (hierarchy.Find(controller.Name) is { } mount && ControllerSet.Of(mount.Version).Contains(controller) && controller.Requested(resources) is { } field)
                served.Add(field);
        }
        foreach (Controller controller in ControllerSet.Known)
        {
            // Devices need no controller: in v2 they are a program.
            if (controller.Requested(resources) is not { } field || controller.Name == "devices" || !served.Add(field))
                continue;
            // The kubelet limits huge pages of every size as a matter of course, and v2 has no network controllers at all.
            if (controller.Name is "hugetlb" or "net_cls" or "net_prio")
                warnings.Add($"{field} is ignored: this host has no {controller.Name} cgroup controller");
            else
                throw new CgroupException($"{field} is set, but this host has no {controller.Name} cgroup controller (it has: {Available(hierarchy)})");
        }
        RequireUnified(hierarchy, resources);
    }

    private static void RequireUnified(CgroupHierarchy hierarchy, LinuxResources resources)
    {
        foreach (string file in resources.Unified.Keys)
        {
            string controller = file[..Math.Max(0, file.IndexOf('.', StringComparison.Ordinal))];
            if (file.AsSpan().IndexOfAny('/', '\0') >= 0 || controller.Length == 0)
                throw new CgroupException($"linux.resources.unified[{file}] is not the name of a cgroup file");
            if (hierarchy.Unified is not { } unified || (controller != "cgroup" && !unified.Has(controller)))
                throw new CgroupException($"linux.resources.unified[{file}] is set, but this host has no {controller} controller in cgroup v2");
        }
    }

    private static string Available(CgroupHierarchy hierarchy) =>
        string.Join(' ', hierarchy.Mounts.SelectMany(static m => m.Controllers).Order(StringComparer.Ordinal));
}
