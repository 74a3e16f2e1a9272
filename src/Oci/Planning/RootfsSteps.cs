using CriRuntime.Linux.Launching;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The root file system: how the host's mounts are cut off, what the new root is, and how it becomes the root.</summary>
internal static class RootfsSteps
{
    /// <param name="beforeDetach">Adds what has to be taken while the mount that holds the root's place still has its peers.</param>
    internal static void Mount(ContainerPlan container, Action? beforeDetach = null)
    {
        PlanWriter plan = container.Writer;
        ulong propagation = MountOptions.PropagationOf(container.Linux.RootfsPropagation ?? "", out bool recursive);
        // Slaves still see what the host mounts later, and nothing goes back; a private default would hold the host's mounts busy.
        ulong type = propagation == 0 ? MS_SLAVE | MS_REC : propagation | (recursive ? MS_REC : 0);
        plan.OnHost(new(StepKind.SetPropagation, "set the propagation of /") { Text = "/", Value = type });
        beforeDetach?.Invoke();
        switch (container.Options.Rootfs)
        {
            case DirectoryRootfs directory:
                Bind(container, directory.Path);
                break;
            case OverlayRootfs overlay:
                Detach(container, overlay.MountPoint);
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

    private static void Bind(ContainerPlan container, string path)
    {
        PlanWriter plan = container.Writer;
        Detach(container, path);
        string label = $"bind the root {path}";
        plan.OnHost(new(StepKind.OpenTree, label) { Slot = container.Root, Text = path, Number = OPEN_TREE_CLONE | AT_RECURSIVE });
        Attach(container, label);
    }

    /// <summary>The root's mount over its place. The root of a user namespace may not go there by the host's directories, but stands there.</summary>
    private static void Attach(ContainerPlan container, string label) => container.Writer.Child(new(StepKind.MoveMount, label)
    {
        Slot = container.Root,
        Text = container.Namespaces.HasUserNamespace ? "." : container.RootPath,
    });

    /// <summary>pivot_root refuses a root under a shared mount, and the root's mount must not appear on the host.</summary>
    internal static void Detach(ContainerPlan container, string path)
    {
        if (MountOptions.ReachesHost(container.Linux.RootfsPropagation))
            container.Writer.OnHost(new(StepKind.SetPropagation, $"make the mount of {path} private") { Text = path, Value = MS_PRIVATE, Number = 1 });
    }

    private static void MountOverlay(ContainerPlan container, OverlayRootfs overlay)
    {
        if (overlay.Lower.Count == 0)
            throw new ArgumentException("An overlay needs a lower directory.", nameof(container));
        List<string> options = [.. overlay.Options];
        // The overlay belongs to the host, whose root writes its marks; its files belong to the container.
        if (container.Namespaces.HasUserNamespace)
            overlay = overlay with { Lower = container.Stage.Map("mount the overlay", overlay.Lower, [], []) };
        if (container.Options.Host.OverlayTakesLayersOneByOne)
            MountByContext(container, overlay, options);
        else
            MountByString(container, overlay, options);
    }

    private static void MountByContext(ContainerPlan container, OverlayRootfs overlay, List<string> options)
    {
        PlanWriter plan = container.Writer;
        const string Label = "mount the overlay";
        int context = OverlaySteps.OpenContext(container.Writer, Label, overlay.Lower);
        OverlaySteps.Set(plan, context, "upperdir", overlay.Upper);
        OverlaySteps.Set(plan, context, "workdir", overlay.Work);
        if (container.MountLabel is { } selinux)
            OverlaySteps.Set(plan, context, "context", selinux);
        foreach (string option in options)
            plan.OnHost(FsOption(Label, context, option));
        plan.OnHost(new(StepKind.FsMount, Label) { Slot = container.Root, Base = context });
        Attach(container, $"{Label} on {overlay.MountPoint}");
    }

    /// <summary>One option of a file system: <c>key=value</c> or a flag.</summary>
    internal static PlanStep FsOption(string label, int context, string option)
    {
        int equals = option.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? new(StepKind.FsSetFlag, $"{label}, option {option}") { Slot = context, Text = option }
            : new(StepKind.FsSetString, $"{label}, option {option}") { Slot = context, Text = option[..equals], Text2 = option[(equals + 1)..] };
    }

    private static void MountByString(ContainerPlan container, OverlayRootfs overlay, List<string> options)
    {
        if (container.MountLabel is { } selinux)
            options.Add(OverlaySteps.QuotedContext(selinux));
        string[] data = [$"upperdir={OptionPaths.Escape(overlay.Upper)}", $"workdir={OptionPaths.Escape(overlay.Work)}", .. options];
        OverlaySteps.MountByString(container.Writer, overlay.MountPoint, $"mount the overlay on {overlay.MountPoint}", overlay.Lower, data);
        string label = $"open {overlay.MountPoint}";
        if (!container.Namespaces.HasUserNamespace)
        {
            container.Writer.Child(new(StepKind.OpenPath, label) { Slot = container.Root, Text = overlay.MountPoint, Number = O_PATH });
            return;
        }
        container.Writer.OnHost(new(StepKind.OpenTree, label) { Slot = container.Root, Text = overlay.MountPoint, Number = OPEN_TREE_CLONE });
        container.Writer.OnHost(new(StepKind.Unmount, label) { Text = overlay.MountPoint, Number = MNT_DETACH });
        Attach(container, label);
    }
}
