using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// The specification's mounts. Each is made detached, given its attributes, and only then moved onto a descriptor of its target, which was looked up
/// inside the root: no path of the image is ever given to mount(2).
/// </summary>
internal sealed class MountSteps(ContainerPlan container)
{
    private readonly PlanWriter plan = container.Writer;

    internal void AddAll()
    {
        foreach (Mount mount in container.Spec.Mounts)
            Add(mount);
    }

    private void Add(Mount mount)
    {
        MountOptions options = MountOptions.Parse(mount.Options);
        string label = Label(mount, options);
        if (mount.Type == "cgroup" || mount.Type == "cgroup2")
            new CgroupMountSteps(container, label, mount.Destination, options).Add();
        else if (options.Bind || mount.Type == "bind")
            Bind(mount, options, label);
        else
            new FileSystemSteps(container, mount, options, label).Add();
    }

    private static string Label(Mount mount, MountOptions options) =>
        options.Bind || mount.Type == "bind"
            ? $"bind {mount.Source} on {mount.Destination}"
            : $"mount {mount.Type} on {mount.Destination}";

    private void Bind(Mount mount, MountOptions options, string label)
    {
        if (string.IsNullOrEmpty(mount.Source))
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} has no source");
        if (options.Subdirectory is not null)
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} takes no X-mount.subdir: its source can name the directory");
        if (options.Data.Count > 0)
            plan.Warn($"{label}: options without a meaning for a bind mount are ignored: {string.Join(',', options.Data)}");
        string source = Path.GetFullPath(mount.Source, container.Options.Bundle ?? "/");
        int tree = plan.NewSlot();
        int flags = OPEN_TREE_CLONE | (options.RecursiveBind ? AT_RECURSIVE : 0);
        plan.OnHost(new(StepKind.OpenTree, label) { Slot = tree, Text = source, Number = flags });
        if (mount.UidMappings.Count > 0 || options.RecursiveIdMap is not null)
            MapIds(mount, options, tree, label);
        SetAttributes(plan, label, tree, options, withSet: true);
        Attach(plan, container.Root, label, tree, mount.Destination, likeSlot: tree);
    }

    private void MapIds(Mount mount, MountOptions options, int tree, string label)
    {
        int userNamespace = container.Stage.Ids(label, mount.UidMappings, mount.GidMappings);
        plan.OnHost(MountAttributes.Step(label, tree, set: MOUNT_ATTR_IDMAP, recursive: options.RecursiveIdMap == true, userNamespace: userNamespace));
    }

    /// <summary>Attributes and propagation of a mount that is still detached.</summary>
    internal static void SetAttributes(PlanWriter plan, string label, int tree, MountOptions options, bool withSet)
    {
        if (withSet && (options.Set | options.Clear) != 0)
            plan.Child(MountAttributes.Step(label, tree, set: options.Set, clear: options.Clear));
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            plan.Child(MountAttributes.Step(label, tree, set: options.RecursiveSet, clear: options.RecursiveClear, recursive: true));
        if (options.Propagation != 0)
            plan.Child(MountAttributes.Step(label, tree, propagation: options.Propagation, recursive: options.RecursivePropagation));
    }

    /// <summary>Moves a mount onto its destination, which is made like what is mounted: a file on a file.</summary>
    internal static void Attach(PlanWriter plan, int root, string label, int tree, string destination, int likeSlot = -1)
    {
        int target = MakeTarget(plan, root, label, destination, likeSlot);
        plan.Child(new(StepKind.MoveMount, label) { Slot = tree, Base = target });
        Close(plan, label, tree, target);
    }

    internal static int MakeTarget(PlanWriter plan, int root, string label, string destination, int likeSlot = -1)
    {
        int target = plan.NewSlot();
        plan.Child(new(StepKind.MakeTarget, label)
        {
            Slot = target,
            Base = root,
            Text = InRoot(destination),
            Number = likeSlot < 0 ? 0 : 2,
            Value = likeSlot < 0 ? 0 : (ulong)likeSlot,
        });
        return target;
    }

    /// <summary>Descriptors are few: slots are not kept open longer than needed.</summary>
    internal static void Close(PlanWriter plan, string label, params ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots)
            plan.Child(new(StepKind.CloseSlot, label) { Slot = slot });
    }

    /// <summary>A destination as a path below the root, with "." and ".." taken out as text.</summary>
    internal static string InRoot(string destination)
    {
        string relative = Path.GetFullPath("/" + destination).TrimStart('/');
        return relative.Length == 0 ? "." : relative.TrimEnd('/');
    }
}
