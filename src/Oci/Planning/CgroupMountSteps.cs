using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>A mount of type cgroup: cgroup2 itself on v2; on v1 a tmpfs with the container's own directory of each hierarchy in it.</summary>
internal sealed class CgroupMountSteps(ContainerPlan container, string label, string destination, MountOptions options)
{
    private readonly PlanWriter plan = container.Writer;

    internal void Add()
    {
        if (container.Options.Cgroup is not { } placement)
            plan.Warn($"{label}: left out, for the container has no cgroup of its own");
        else if (placement.Version == CgroupVersion.V2)
            AddUnified();
        else
            AddHierarchies(placement);
    }

    private void AddUnified()
    {
        int context = plan.NewSlot();
        int tree = plan.NewSlot();
        plan.Child(new(StepKind.FsOpen, label) { Slot = context, Text = "cgroup2" });
        plan.Child(new(StepKind.FsMount, label) { Slot = tree, Base = context, Value = options.Set });
        MountSteps.SetAttributes(plan, label, tree, options, withSet: false);
        MountSteps.Attach(plan, container.Root, label, tree, destination);
    }

    private void AddHierarchies(CgroupPlacement placement)
    {
        int context = plan.NewSlot();
        int tmpfs = plan.NewSlot();
        plan.Child(new(StepKind.FsOpen, label) { Slot = context, Text = "tmpfs" });
        plan.Child(new(StepKind.FsSetString, label) { Slot = context, Text = "mode", Text2 = "755" });
        if (container.MountLabel is { } selinux)
            plan.Child(new(StepKind.FsSetString, label) { Slot = context, Text = "context", Text2 = selinux });
        plan.Child(new(StepKind.FsMount, label) { Slot = tmpfs, Base = context, Value = options.Set & ~MOUNT_ATTR_RDONLY });
        int target = MountSteps.MakeTarget(plan, container.Root, label, destination);
        plan.Child(new(StepKind.MoveMount, label) { Slot = tmpfs, Base = target });
        foreach (CgroupDirectory directory in placement.Directories)
            AddHierarchy(directory, tmpfs);
        if (options.ReadOnly)
            plan.Child(MountAttributes.Step(label, tmpfs, set: MOUNT_ATTR_RDONLY));
        MountSteps.Close(plan, label, tmpfs, target);
    }

    private void AddHierarchy(CgroupDirectory directory, int tmpfs)
    {
        string name = Path.GetFileName(directory.Mount.MountPoint);
        string own = $"{label}: {name}";
        int tree = plan.NewSlot();
        plan.OnHost(new(StepKind.OpenTree, own) { Slot = tree, Text = directory.Path, Number = OPEN_TREE_CLONE });
        plan.OnHost(MountAttributes.Step(own, tree, set: options.Set, clear: options.Clear));
        MountSteps.Attach(plan, tmpfs, own, tree, name);
        // "cpu,cpuacct" is also found as cpu and as cpuacct.
        if (!name.Contains(',', StringComparison.Ordinal))
            return;
        foreach (string controller in name.Split(','))
            plan.Child(new(StepKind.MakeSymlink, own) { Base = tmpfs, Text = name, Text2 = controller });
    }
}
