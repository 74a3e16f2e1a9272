using System.Text;
using CriRuntime.Linux.Launching;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The root file system: how the host's mounts are cut off, what the new root is, and how it becomes the root.</summary>
internal static class RootfsSteps
{
    /// <summary>The longest data string of mount(2): a page with its NUL.</summary>
    private const int LongestMountData = 4095;

    internal static void Mount(ContainerPlan container)
    {
        PlanWriter plan = container.Writer;
        ulong propagation = MountOptions.PropagationOf(container.Linux.RootfsPropagation ?? "", out bool recursive);
        // Slaves still see what the host mounts later, and nothing goes back; a private default would hold the host's mounts busy.
        ulong type = propagation == 0 ? MS_SLAVE | MS_REC : propagation | (recursive ? MS_REC : 0);
        plan.Child(new(StepKind.SetPropagation, "set the propagation of /") { Text = "/", Value = type });
        switch (container.Options.Rootfs)
        {
            case DirectoryRootfs directory:
                Bind(plan, container.Root, directory.Path);
                break;
            case OverlayRootfs overlay:
                Detach(plan, overlay.MountPoint);
                MountOverlay(container, overlay);
                break;
        }
    }

    /// <summary>After everything is mounted: read-only, and the propagation that the specification asks for.</summary>
    internal static void Finish(ContainerPlan container)
    {
        PlanWriter plan = container.Writer;
        if (container.Spec.Root is { ReadOnly: true })
            plan.Child(MountAttributes.Step("make the root read-only", container.Root, set: MOUNT_ATTR_RDONLY));
        plan.Child(new(StepKind.PivotRoot, "pivot_root") { Slot = container.Root });
        ulong propagation = MountOptions.PropagationOf(container.Linux.RootfsPropagation ?? "", out bool recursive);
        if (propagation != 0)
            plan.Child(MountAttributes.Step("set the propagation of the root", container.Root, propagation: propagation, recursive: recursive));
    }

    private static void Bind(PlanWriter plan, int root, string path)
    {
        Detach(plan, path);
        string label = $"bind the root {path}";
        plan.Child(new(StepKind.OpenTree, label) { Slot = root, Text = path, Number = OPEN_TREE_CLONE | AT_RECURSIVE });
        plan.Child(new(StepKind.MoveMount, label) { Slot = root, Text = path });
    }

    /// <summary>pivot_root refuses a root under a shared mount, and the root's mount must not appear on the host.</summary>
    private static void Detach(PlanWriter plan, string path) =>
        plan.Child(new(StepKind.SetPropagation, $"make the mount of {path} private") { Text = path, Value = MS_PRIVATE, Number = 1 });

    private static void MountOverlay(ContainerPlan container, OverlayRootfs overlay)
    {
        if (overlay.Lower.Count == 0)
            throw new ArgumentException("An overlay needs a lower directory.", nameof(container));
        List<string> options = [.. overlay.Options];
        // Without privileges over the host, overlayfs keeps its marks in user.* attributes (overlayfs.rst, User xattr).
        if (container.Namespaces.HasUserNamespace && !options.Contains("userxattr"))
            options.Add("userxattr");
        if (container.Options.Host.OverlayTakesLayersOneByOne)
            MountByContext(container, overlay, options);
        else
            MountByString(container, overlay, options);
    }

    private static void MountByContext(ContainerPlan container, OverlayRootfs overlay, List<string> options)
    {
        PlanWriter plan = container.Writer;
        const string Label = "mount the overlay";
        int context = plan.NewSlot();
        plan.Child(new(StepKind.FsOpen, Label) { Slot = context, Text = "overlay" });
        foreach (string lower in overlay.Lower)
            Set(plan, context, "lowerdir+", lower);
        Set(plan, context, "upperdir", overlay.Upper);
        Set(plan, context, "workdir", overlay.Work);
        if (container.MountLabel is { } selinux)
            Set(plan, context, "context", selinux);
        foreach (string option in options)
            FsOption(plan, Label, context, option);
        plan.Child(new(StepKind.FsMount, Label) { Slot = container.Root, Base = context });
        plan.Child(new(StepKind.MoveMount, $"{Label} on {overlay.MountPoint}") { Slot = container.Root, Text = overlay.MountPoint });
    }

    private static void Set(PlanWriter plan, int context, string key, string value) =>
        plan.Child(new(StepKind.FsSetString, $"overlay {key} {value}") { Slot = context, Text = key, Text2 = value });

    /// <summary>One option of a file system: <c>key=value</c> or a flag.</summary>
    internal static void FsOption(PlanWriter plan, string label, int context, string option)
    {
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        plan.Child(equals < 0
            ? new(StepKind.FsSetFlag, $"{label}, option {option}") { Slot = context, Text = option }
            : new(StepKind.FsSetString, $"{label}, option {option}") { Slot = context, Text = option[..equals], Text2 = option[(equals + 1)..] });
    }

    /// <summary>Before Linux 6.7. Many layers exceed the page that mount(2) takes; relative to the directory that all share they fit.</summary>
    private static void MountByString(ContainerPlan container, OverlayRootfs overlay, List<string> options)
    {
        PlanWriter plan = container.Writer;
        // In one string with the others a context needs quotes, for its categories have commas.
        if (container.MountLabel is { } selinux)
            options.Add($"context=\"{selinux}\"");
        string data = Data(overlay, overlay.Lower, options);
        if (Encoding.UTF8.GetByteCount(data) > LongestMountData)
        {
            string shared = SharedDirectory(overlay.Lower);
            plan.Child(new(StepKind.ChangeDirectory, "mount the overlay") { Text = shared });
            data = Data(overlay, overlay.Lower.Select(path => Path.GetRelativePath(shared, path)), options);
        }
        if (Encoding.UTF8.GetByteCount(data) > LongestMountData)
            throw new ArgumentException($"The overlay's {overlay.Lower.Count} layers do not fit into one mount; Linux 6.7 or newer has no such limit.", nameof(overlay));
        plan.Child(new(StepKind.MountLegacy, $"mount the overlay on {overlay.MountPoint}")
        {
            Text = overlay.MountPoint,
            Text2 = "overlay",
            Blob = Encoding.UTF8.GetBytes(data + '\0'),
        });
        plan.Child(new(StepKind.OpenPath, $"open {overlay.MountPoint}") { Slot = container.Root, Text = overlay.MountPoint, Number = O_PATH });
    }

    private static string Data(OverlayRootfs overlay, IEnumerable<string> lower, List<string> options) =>
        string.Join(',', [$"lowerdir={string.Join(':', lower.Select(Escape))}", $"upperdir={Escape(overlay.Upper)}", $"workdir={Escape(overlay.Work)}", .. options]);

    private static string Escape(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    private static string SharedDirectory(IReadOnlyList<string> paths)
    {
        string shared = Path.GetDirectoryName(paths[0])!;
        while (shared.Length > 1 && !paths.All(path => path.StartsWith(shared + "/", StringComparison.Ordinal)))
            shared = Path.GetDirectoryName(shared)!;
        return shared;
    }
}
