using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// A new file system among the specification's mounts, or a part of one: with the option <c>X-mount.subdir</c> (mount(8)) only what that path
/// leads to is mounted. The path is looked up with the file system as its root, so neither <c>..</c> nor a symbolic link leads out of it.
/// </summary>
internal sealed class FileSystemSteps(ContainerPlan container, Mount mount, MountOptions options, string label)
{
    private readonly PlanWriter plan = container.Writer;
    private readonly string type = mount.Type is null or "" ? throw new SpecException("mounts", $"the mount on {mount.Destination} has no type") : mount.Type;

    /// <summary>The kernel takes an overlay's layers only in one string, and mounts that on a path.</summary>
    private bool ByString => type == "overlay" && !container.Options.Host.OverlayTakesLayersOneByOne;

    /// <summary>A copy-up must be able to write; the mount becomes read-only after it.</summary>
    private ulong Attributes => options.CopyUp ? options.Set & ~MOUNT_ATTR_RDONLY : options.Set;

    internal void Add()
    {
        int tree = ByString ? StageByString() : MountDetached();
        if (options.Subdirectory is { } path)
            tree = TakeSubdirectory(tree, path);
        else if (ByString)
            tree = Unstage(tree);
        int target = MountSteps.MakeTarget(plan, container.Root, label, mount.Destination, likeSlot: options.Subdirectory is null ? -1 : tree);
        if (options.CopyUp)
            plan.Child(new(StepKind.CopyUp, label) { Slot = tree, Base = target });
        MountSteps.SetAttributes(plan, label, tree, options, withSet: ByString || (options.CopyUp && options.ReadOnly));
        plan.Child(new(StepKind.MoveMount, label) { Slot = tree, Base = target });
        MountSteps.Close(plan, label, tree, target);
    }

    private int MountDetached()
    {
        int context = type == "overlay" ? OverlaySteps.OpenContext(container.Writer, label, LowerDirs()) : Open();
        if (!string.IsNullOrEmpty(mount.Source))
            Build(new(StepKind.FsSetString, label) { Slot = context, Text = "source", Text2 = mount.Source });
        foreach (string option in options.Data)
        {
            if (type != "overlay" || !IsLowerDirs(option))
                Build(RootfsSteps.FsOption(label, context, option));
        }
        if (container.MountLabel is { } selinux && TakesLabel())
            Build(new(StepKind.FsSetString, label) { Slot = context, Text = "context", Text2 = selinux });
        int tree = plan.NewSlot();
        Build(new(StepKind.FsMount, label) { Slot = tree, Base = context, Value = Attributes, Text = RootLabel() });
        return tree;
    }

    /// <summary>The queues of an ipc namespace are one file system, which takes no context; the host's are not the container's to label, and in a user namespace nobody may.</summary>
    private string? RootLabel() =>
        type == "mqueue" && !container.Namespaces.HasUserNamespace && container.Linux.Namespaces.Any(static ns => ns.Type == LinuxNamespaceType.Ipc) ? container.MountLabel : null;

    private int Open()
    {
        int context = plan.NewSlot();
        plan.Child(new(StepKind.FsOpen, label) { Slot = context, Text = type });
        return context;
    }

    private int StageByString()
    {
        List<string> data = [.. options.Data.Where(option => !IsLowerDirs(option))];
        if (container.MountLabel is { } selinux && TakesLabel())
            data.Add(OverlaySteps.QuotedContext(selinux));
        OverlaySteps.MountByString(container.Writer, container.RootPath, label, LowerDirs(), data);
        int tree = plan.NewSlot();
        Build(new(StepKind.OpenPath, label) { Slot = tree, Text = container.RootPath, Number = O_PATH });
        return tree;
    }

    /// <summary>The mount without the path that it is on.</summary>
    private int Unstage(int staged)
    {
        int tree = plan.NewSlot();
        Build(new(StepKind.OpenTree, label) { Slot = tree, Base = staged, Text = "", Number = OPEN_TREE_CLONE | AT_EMPTY_PATH });
        Build(new(StepKind.Unmount, label) { Text = container.RootPath, Number = MNT_DETACH });
        Build(new(StepKind.CloseSlot, label) { Slot = staged });
        return tree;
    }

    /// <summary>
    /// A part can be cloned only from a mount that is in the mount namespace (until Linux 6.15), so the whole covers the new root for a moment: a path of
    /// the host, which nobody else sees changed.
    /// </summary>
    private int TakeSubdirectory(int whole, string path)
    {
        if (!ByString)
            Build(new(StepKind.MoveMount, label) { Slot = whole, Text = container.RootPath });
        int found = plan.NewSlot();
        Build(new(StepKind.OpenInRoot, $"{label}: find its path {path}")
        {
            Slot = found,
            Base = whole,
            Text = path,
            Number = O_PATH,
            Value = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        });
        Build(new(StepKind.CloseSlot, label) { Slot = whole });
        return Unstage(found);
    }

    private IReadOnlyList<string> LowerDirs()
    {
        List<string> lower = [];
        foreach (string option in options.Data.Where(IsLowerDirs))
            lower.AddRange(OptionPaths.Split(option["lowerdir=".Length..]));
        if (lower.Count == 0)
            throw new SpecException("mounts", $"the overlay on {mount.Destination} has no lowerdir");
        if (container.Namespaces.HasUserNamespace)
            return container.Stage.Map(label, lower, mount.UidMappings, mount.GidMappings);
        return mount.UidMappings.Count == 0 ? lower : throw new SpecException("mounts", $"the overlay on {mount.Destination} has uidMappings, but the container no user namespace");
    }

    /// <summary>An overlay's layers are the host's, and so is the overlay; every other file system belongs to the namespace that it is mounted in.</summary>
    private void Build(PlanStep step)
    {
        if (type == "overlay")
            plan.OnHost(step);
        else
            plan.Child(step);
    }

    private static bool IsLowerDirs(string option) => option.StartsWith("lowerdir=", StringComparison.Ordinal);

    /// <summary>The kernel's own file systems label their files by policy, and a context that the specification names itself counts.</summary>
    private bool TakesLabel()
    {
        if (type is "proc" or "sysfs" or "mqueue" or "bpf")
            return false;
        foreach (string option in options.Data)
        {
            if (option.StartsWith("context=", StringComparison.Ordinal))
                return false;
        }
        return true;
    }
}
