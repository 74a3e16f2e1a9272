using CriRuntime.Oci.Cgroups.Controllers;
using CriRuntime.Oci.Cgroups.Devices;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups;

/// <summary>The steps of the v2 hierarchy (Documentation/admin-guide/cgroup-v2.rst).</summary>
internal static class UnifiedDirectoryPlan
{
    internal static void Append(CgroupDirectory directory, LinuxResources resources, bool ownsDevices, List<CgroupStep> steps)
    {
        List<Controller> needed = [];
        HashSet<string> neededNames = new(StringComparer.Ordinal);
        foreach (Controller controller in ControllerSet.Of(CgroupVersion.V2))
        {
            if (!directory.Mount.Has(controller.Name) || controller.Requested(resources) is null)
                continue;
            needed.Add(controller);
            neededNames.Add(controller.Name);
        }
        foreach (string file in resources.Unified.Keys)
        {
            if (directory.Mount.Has(ControllerOf(file)))
                neededNames.Add(ControllerOf(file));
        }
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
        string required = "", wanted = "";
        foreach (string controller in directory.Mount.Controllers)
        {
            if (needed.Contains(controller))
                required += required.Length > 0 ? " +" + controller : "+" + controller;
            else
                wanted += wanted.Length > 0 ? " +" + controller : "+" + controller;
        }
        if (required.Length > 0)
            steps.Add(new CgroupStep.WriteFile(file, required));
        if (wanted.Length > 0)
            steps.Add(new CgroupStep.WriteFile(file, wanted, Optional: true));
    }

    /// <summary>The configuration's own files come last, so that they override what was derived; files with several lines take one at a time.</summary>
    internal static void AppendUnified(LinuxResources resources, SettingList settings)
    {
        List<string> files = [.. resources.Unified.Keys];
        files.Sort(StringComparer.Ordinal);
        foreach (string file in files)
        {
            foreach (string line in resources.Unified[file].Split('\n', StringSplitOptions.RemoveEmptyEntries))
                settings.Set(file, line);
        }
    }

    private static string ControllerOf(string file) => file[..Math.Max(0, file.IndexOf('.', StringComparison.Ordinal))];
}
