using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// The specification's mounts. Each is made detached, given its attributes, and only then moved onto a descriptor of its target, which was looked up
/// inside the root: no path of the image is ever given to mount(2).
/// </summary>
/// <param name="container">Whose mounts, and onto which root.</param>
/// <param name="place">Where each goes instead of its destination, by its number in the specification.</param>
internal sealed class MountSteps(ContainerPlan container, Func<int, string>? place = null)
{
    private readonly PlanWriter plan = container.Writer;

    private readonly Planned[] mounts = [.. container.Spec.Mounts.Select((mount, i) => new Planned(mount, MountOptions.Parse(mount.Options), place?.Invoke(i) ?? mount.Destination))];

    /// <summary>
    /// Takes the sources of binds that are to see mounts of the host's, or make some there. The source may be in the mount that holds the root's place, as on a
    /// host with one file system, and once that is private a clone of it has no peers and no master.
    /// </summary>
    internal void TakeSources()
    {
        foreach (Planned mount in mounts)
        {
            if (mount.IsBind && MountOptions.KeepsPeers(mount.Options.Propagation))
                mount.Source = TakeSource(mount);
        }
    }

    internal void AddAll()
    {
        foreach (Planned mount in mounts)
            Add(mount);
    }

    private void Add(Planned mount)
    {
        if (mount.Mount.Type == "cgroup" || mount.Mount.Type == "cgroup2")
            new CgroupMountSteps(container, mount.Label, mount.Place, mount.Options).Add();
        else if (mount.IsBind)
            Bind(mount);
        else
            new FileSystemSteps(container, mount.Mount with { Destination = mount.Place }, mount.Options, mount.Label).Add();
    }

    private void Bind(Planned planned)
    {
        (Mount mount, MountOptions options, string destination) = planned;
        string label = planned.Label;
        if (options.Data.Count > 0)
            plan.Warn($"{label}: options without a meaning for a bind mount are ignored: {string.Join(',', options.Data)}");
        int tree = planned.Source ?? TakeSource(planned);
        if (mount.UidMappings.Count > 0 || options.RecursiveIdMap is not null)
            MapIds(mount, options, tree, label);
        SetAttributes(plan, label, tree, options, withSet: true);
        Attach(plan, container.Root, label, tree, destination, likeSlot: tree);
    }

    /// <returns>The slot of a clone that is attached nowhere.</returns>
    private int TakeSource(Planned planned)
    {
        (Mount mount, MountOptions options, _) = planned;
        if (string.IsNullOrEmpty(mount.Source))
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} has no source");
        if (options.Subdirectory is not null)
            throw new SpecException("mounts", $"the bind mount on {mount.Destination} takes no X-mount.subdir: its source can name the directory");
        string source = Path.GetFullPath(mount.Source, container.Options.Bundle ?? "/");
        int tree = plan.NewSlot();
        int flags = OPEN_TREE_CLONE | (options.RecursiveBind ? AT_RECURSIVE : 0);
        plan.OnHost(new(StepKind.OpenTree, planned.Label) { Slot = tree, Text = source, Number = flags });
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

    /// <summary>A mount of the specification with its options read.</summary>
    private sealed record Planned(Mount Mount, MountOptions Options, string Place)
    {
        internal bool IsBind => Options.Bind || Mount.Type == "bind";

        internal string Label => IsBind ? $"bind {Mount.Source} on {Mount.Destination}" : $"mount {Mount.Type} on {Mount.Destination}";

        /// <summary>The slot of its source, once that is taken.</summary>
        internal int? Source { get; set; }
    }
}
