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

    /// <summary>The slots of sources that are taken already, by the mount's place in the specification.</summary>
    private readonly Dictionary<int, int> taken = [];

    /// <summary>
    /// Takes the sources of binds that are to see mounts of the host's, or make some there. The source may be in the mount that holds the root's place, as on a
    /// host with one file system, and once that is private a clone of it has no peers and no master.
    /// </summary>
    internal void TakeSources()
    {
        for (int i = 0; i < container.Spec.Mounts.Count; i++)
        {
            Mount mount = container.Spec.Mounts[i];
            MountOptions options = MountOptions.Parse(mount.Options);
            if (IsBind(mount, options) && options.Propagation is MS_SHARED or MS_SLAVE)
                taken.Add(i, TakeSource(mount, options, Label(mount, options)));
        }
    }

    internal void AddAll()
    {
        for (int i = 0; i < container.Spec.Mounts.Count; i++)
            Add(container.Spec.Mounts[i], i);
    }

    private void Add(Mount mount, int place)
    {
        MountOptions options = MountOptions.Parse(mount.Options);
        string label = Label(mount, options);
        if (mount.Type == "cgroup" || mount.Type == "cgroup2")
            new CgroupMountSteps(container, label, mount.Destination, options).Add();
        else if (IsBind(mount, options))
            Bind(mount, options, label, place);
        else
            new FileSystemSteps(container, mount, options, label).Add();
    }

    private static string Label(Mount mount, MountOptions options) =>
        IsBind(mount, options)
            ? $"bind {mount.Source} on {mount.Destination}"
            : $"mount {mount.Type} on {mount.Destination}";

    private static bool IsBind(Mount mount, MountOptions options) => options.Bind || mount.Type == "bind";

    private void Bind(Mount mount, MountOptions options, string label, int place)
    {
        if (options.Data.Count > 0)
            plan.Warn($"{label}: options without a meaning for a bind mount are ignored: {string.Join(',', options.Data)}");
        if (!taken.TryGetValue(place, out int tree))
            tree = TakeSource(mount, options, label);
        if (mount.UidMappings.Count > 0 || options.RecursiveIdMap is not null)
            MapIds(mount, options, tree, label);
        SetAttributes(plan, label, tree, options, withSet: true);
        Attach(plan, container.Root, label, tree, mount.Destination, likeSlot: tree);
    }

    /// <returns>The slot of a clone that is attached nowhere.</returns>
    private int TakeSource(Mount mount, MountOptions options, string label)
    {
        if (string.IsNullOrEmpty(mount.Source))
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} has no source");
        if (options.Subdirectory is not null)
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} takes no X-mount.subdir: its source can name the directory");
        string source = Path.GetFullPath(mount.Source, container.Options.Bundle ?? "/");
        int tree = plan.NewSlot();
        int flags = OPEN_TREE_CLONE | (options.RecursiveBind ? AT_RECURSIVE : 0);
        plan.OnHost(new(StepKind.OpenTree, label) { Slot = tree, Text = source, Number = flags });
        return tree;
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
