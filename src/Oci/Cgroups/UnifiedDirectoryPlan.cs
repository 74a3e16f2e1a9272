using CriRuntime.Oci.Cgroups.Controllers;
using CriRuntime.Oci.Cgroups.Devices;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups;

/// <summary>The steps of the v2 hierarchy (Documentation/admin-guide/cgroup-v2.rst).</summary>
internal static class UnifiedDirectoryPlan
{
    internal static void Append(CgroupDirectory directory, LinuxResources resources, bool ownsDevices, List<CgroupStep> steps)
    {
        List<Controller> needed = [.. ControllerSet.Of(CgroupVersion.V2).Where(c => directory.Mount.Has(c.Name) && c.Requested(resources) is not null)];
        HashSet<string> neededNames = [.. needed.Select(static c => c.Name), .. resources.Unified.Keys.Select(ControllerOf).Where(directory.Mount.Has)];
        Delegate(directory, directory.Mount.MountPoint, neededNames, steps);
        foreach (string ancestor in directory.Ancestors())
        {
            steps.Add(new CgroupStep.MakeDirectory(ancestor));
            Delegate(directory, ancestor, neededNames, steps);
        }
        steps.Add(new CgroupStep.MakeDirectory(directory.Path));
        // On a hybrid host devices are a v1 controller.
        if (ownsDevices)
            steps.Add(new CgroupStep.AttachDeviceProgram(directory.Path, DeviceProgram.Generate(DeviceRules.WithDefaults(resources.Devices))));
        var settings = new SettingList(directory.Path);
        foreach (Controller controller in needed)
            controller.Apply(resources, settings);
        AppendUnified(resources, settings);
        steps.AddRange(settings.Steps);
    }

    /// <summary>
    /// A controller works in a directory when every ancestor hands it on. Those that the container needs must be handed on;
    /// the others, for statistics and nested use, where the host allows it.
    /// </summary>
    private static void Delegate(CgroupDirectory directory, string ancestor, HashSet<string> needed, List<CgroupStep> steps)
    {
        string file = ancestor + "/cgroup.subtree_control";
        string required = string.Join(' ', directory.Mount.Controllers.Where(needed.Contains).Select(static c => "+" + c));
        if (required.Length > 0)
            steps.Add(new CgroupStep.WriteFile(file, required));
        string wanted = string.Join(' ', directory.Mount.Controllers.Where(c => !needed.Contains(c)).Select(static c => "+" + c));
        if (wanted.Length > 0)
            steps.Add(new CgroupStep.WriteFile(file, wanted, Optional: true));
    }

    /// <summary>The configuration's own files come last, so that they override what was derived; files with several lines take one at a time.</summary>
    internal static void AppendUnified(LinuxResources resources, SettingList settings)
    {
        foreach ((string file, string value) in resources.Unified.OrderBy(static f => f.Key, StringComparer.Ordinal))
        {
            foreach (string line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                settings.Set(file, line);
        }
    }

    private static string ControllerOf(string file) => file[..Math.Max(0, file.IndexOf('.', StringComparison.Ordinal))];
}
