using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// What only the host's root can make for a container with a user namespace: layers that show their files as the container's own, and device nodes.
/// They lie on a tmpfs over the place of the new root, in a mount namespace that nobody else sees, and go with it. By paths of its own, so that an
/// overlay of every kernel takes them (layers that are attached nowhere are taken from Linux 6.15 on).
/// </summary>
internal sealed class HostStage(ContainerPlan container)
{
    private const string Label = "prepare the layers and devices of a user namespace";

    private readonly PlanWriter plan = container.Writer;
    private readonly Dictionary<string, int> userNamespaces = new(StringComparer.Ordinal);
    private int tmpfs = -1;
    private int used;

    /// <summary>Paths of <paramref name="layers"/> with their ids mapped, for an overlay (Linux 5.19).</summary>
    /// <param name="uids">Empty: the container's.</param>
    internal IReadOnlyList<string> Map(string label, IReadOnlyList<string> layers, IReadOnlyList<IdMapping> uids, IReadOnlyList<IdMapping> gids)
    {
        int userNamespace = Ids(label, uids, gids);
        int slot = plan.NewSlot();
        List<string> mapped = [];
        foreach (string layer in layers)
        {
            string own = $"{label}: layer {layer}";
            string path = NewPath();
            plan.OnHost(new(StepKind.MakeDirectory, own) { Text = path, Number = 0x1c0 });
            plan.OnHost(new(StepKind.OpenTree, own) { Slot = slot, Text = layer, Number = OPEN_TREE_CLONE });
            plan.OnHost(MountAttributes.Step(own, slot, set: MOUNT_ATTR_IDMAP, userNamespace: userNamespace));
            plan.OnHost(new(StepKind.MoveMount, own) { Slot = slot, Text = path });
            plan.OnHost(new(StepKind.CloseSlot, own) { Slot = slot });
            mapped.Add(path);
        }
        return mapped;
    }

    /// <summary>A detached mount of a new device node; mknod(2) is not for user namespaces.</summary>
    /// <returns>Its slot.</returns>
    internal int MakeNode(string label, int typeAndMode, ulong device, ulong owner)
    {
        string path = NewPath();
        plan.OnHost(new(StepKind.MakeNode, label) { Base = tmpfs, Text = Path.GetFileName(path), Number = typeAndMode, Value = device, Value2 = owner });
        int tree = plan.NewSlot();
        plan.OnHost(new(StepKind.OpenTree, label) { Slot = tree, Text = path, Number = OPEN_TREE_CLONE });
        return tree;
    }

    /// <summary>The slot of a user namespace with these ids, one for all mounts that have the same. Empty: the container's.</summary>
    internal int Ids(string label, IReadOnlyList<IdMapping> uids, IReadOnlyList<IdMapping> gids)
    {
        if (uids.Count == 0)
            (uids, gids) = (container.Linux.UidMappings, container.Linux.GidMappings);
        string key = Key(uids, gids);
        if (userNamespaces.TryGetValue(key, out int known))
            return known;
        int slot;
        if (container.Namespaces.JoinedUserNamespace is { } path && key == Key(container.Linux.UidMappings, container.Linux.GidMappings))
        {
            slot = container.Namespaces.Open(path);
        }
        else
        {
            slot = plan.NewSlot();
            plan.Before(new(StepKind.MakeUserNamespace, label) { Slot = slot, Text = NamespaceSteps.MapLines(uids), Text2 = NamespaceSteps.MapLines(gids) });
        }
        userNamespaces.Add(key, slot);
        return slot;
    }

    private static string Key(IReadOnlyList<IdMapping> uids, IReadOnlyList<IdMapping> gids) =>
        uids.Count == 0 ? "" : $"{NamespaceSteps.MapLines(uids)}|{NamespaceSteps.MapLines(gids)}";

    private string NewPath()
    {
        if (tmpfs < 0)
            Mount();
        return $"{container.RootPath}/{used++}";
    }

    private void Mount()
    {
        int context = plan.NewSlot();
        tmpfs = plan.NewSlot();
        plan.OnHost(new(StepKind.FsOpen, Label) { Slot = context, Text = "tmpfs" });
        // The container's root, a stranger here, stands on it when its own root is attached.
        plan.OnHost(new(StepKind.FsSetString, Label) { Slot = context, Text = "mode", Text2 = "755" });
        // A device node keeps this label where the container has it.
        if (container.MountLabel is { } selinux)
            plan.OnHost(new(StepKind.FsSetString, Label) { Slot = context, Text = "context", Text2 = selinux });
        plan.OnHost(new(StepKind.FsMount, Label) { Slot = tmpfs, Base = context, Value = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC });
        plan.OnHost(new(StepKind.MoveMount, Label) { Slot = tmpfs, Text = container.RootPath });
    }
}
