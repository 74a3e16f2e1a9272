using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// The plan of a pod's namespaces: a child is born in them and sets them up, the parent pins them, and the child goes, or stays as the
/// first process of a shared pid namespace. There is no pause image and no infra container.
/// </summary>
public static class SandboxPlanner
{
    private const int PinStage = 1;
    private const int O_CREAT = 0x40;
    private const int Nobody = 65534;

    /// <summary>Where the empty root is attached before it becomes the root: in a mount namespace of its own any directory will do that every user may enter.</summary>
    private const string AnyDirectory = "/proc";

    /// <exception cref="SpecException">The request contradicts itself.</exception>
    public static LaunchPlan PlanSandbox(SandboxNamespaces request)
    {
        ArgumentNullException.ThrowIfNull(request);
        bool hasUser = request.UidMappings.Count > 0;
        if (!string.IsNullOrEmpty(request.Hostname) && !request.Uts)
            throw new SpecException("hostname", "needs a uts namespace of the pod's own");
        PlanWriter plan = new($"create sandbox {request.PodId}") { Flags = PlanFlags.NoProgram, Timed = request.Timed };
        plan.CloneFlags = (ulong)(uint)(Flags(request, hasUser) | (request.Pid ? CLONE_NEWNS : 0));
        int proc = plan.NewSlot();
        ProcSteps.Open(plan, proc);
        if (hasUser)
            MapIds(plan, request);
        plan.Begin(LaunchStage.Namespaces);
        plan.Child(new(StepKind.AwaitParent, "wait for the parent"));
        plan.Child(new(StepKind.NewSession, "start a session"));
        SetUp(plan, request, proc);
        plan.Begin(LaunchStage.Mounts);
        Pin(plan, request, hasUser);
        if (request.Pid)
            StayAsInit(plan, request, hasUser);
        else
            plan.Child(new(StepKind.Finish, "leave the namespaces to their pins"));
        return plan.Finish();
    }

    private static int Flags(SandboxNamespaces request, bool hasUser)
    {
        int flags = 0;
        foreach (NamespaceType type in Types(request, hasUser))
            flags |= type.Flag;
        return flags;
    }

    private static List<NamespaceType> Types(SandboxNamespaces request, bool hasUser)
    {
        List<NamespaceType> types = [];
        if (hasUser)
            types.Add(new("user", CLONE_NEWUSER));
        if (request.Network)
            types.Add(new("net", CLONE_NEWNET));
        if (request.Ipc)
            types.Add(new("ipc", CLONE_NEWIPC));
        if (request.Uts)
            types.Add(new("uts", CLONE_NEWUTS));
        if (request.Pid)
            types.Add(new("pid", CLONE_NEWPID));
        return types;
    }

    private static void MapIds(PlanWriter plan, SandboxNamespaces request)
    {
        int child = plan.NewSlot();
        plan.AfterClone(new(StepKind.OpenChildProc, "map ids") { Slot = child });
        plan.AfterClone(new(StepKind.WriteFile, "map user ids") { Base = child, Text = "uid_map", Blob = NamespaceSteps.MapText(request.UidMappings) });
        plan.AfterClone(new(StepKind.WriteFile, "map group ids") { Base = child, Text = "gid_map", Blob = NamespaceSteps.MapText(request.GidMappings) });
    }

    private static void SetUp(PlanWriter plan, SandboxNamespaces request, int proc)
    {
        if (request.UidMappings.Count > 0)
        {
            plan.Child(new(StepKind.SetGroupId, "become root of the user namespace"));
            plan.Child(new(StepKind.SetUserId, "become root of the user namespace"));
        }
        if (!string.IsNullOrEmpty(request.Hostname))
            plan.Child(new(StepKind.SetHostname, $"set the hostname {request.Hostname}") { Text = request.Hostname });
        if (request.Network)
            plan.Child(new(StepKind.LoopbackUp, "bring lo up"));
        ProcSteps.Sysctl(plan, proc, request.Sysctls);
    }

    private static void Pin(PlanWriter plan, SandboxNamespaces request, bool hasUser)
    {
        plan.Child(new(StepKind.AskParent, "have the namespaces pinned") { Number = PinStage });
        int child = plan.NewSlot();
        plan.Before(new(StepKind.MakeDirectory, $"make {request.PinDirectory}") { Text = request.PinDirectory, Number = 0x1c0 });
        plan.Add(PlanSection.Stage1, new(StepKind.OpenChildProc, "pin the namespaces") { Slot = child });
        foreach ((string name, _) in Types(request, hasUser))
        {
            string path = $"{request.PinDirectory}/{name}";
            string label = $"pin the {name} namespace at {path}";
            int slot = plan.NewSlot();
            plan.Add(PlanSection.Stage1, new(StepKind.OpenPath, label) { Slot = slot, Text = path, Number = O_RDONLY | O_CREAT, Value = 0x100 });
            plan.Add(PlanSection.Stage1, new(StepKind.OpenTree, label) { Slot = slot, Base = child, Text = "ns/" + name, Number = OPEN_TREE_CLONE });
            plan.Add(PlanSection.Stage1, new(StepKind.MoveMount, label) { Slot = slot, Text = path });
            plan.Undo(new(StepKind.RemoveFile, $"remove {path}") { Text = path });
            plan.Undo(new(StepKind.Unmount, $"unpin {path}") { Text = path, Number = MNT_DETACH });
        }
    }

    /// <summary>
    /// The containers see this process, and one with CAP_SYS_PTRACE could take it over: it keeps nothing worth having, neither a
    /// file system, nor a capability, nor a user.
    /// </summary>
    private static void StayAsInit(PlanWriter plan, SandboxNamespaces request, bool hasUser)
    {
        const string Label = "leave the host's file system";
        int context = plan.NewSlot();
        int empty = plan.NewSlot();
        plan.Child(new(StepKind.SetPropagation, Label) { Text = "/", Value = MS_PRIVATE | MS_REC });
        plan.Child(new(StepKind.FsOpen, Label) { Slot = context, Text = "tmpfs" });
        if (request.MountLabel is { } selinux && request.Host.SELinux)
            plan.Child(new(StepKind.FsSetString, Label) { Slot = context, Text = "context", Text2 = selinux });
        plan.Child(new(StepKind.FsMount, Label) { Slot = empty, Base = context, Value = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC });
        plan.Child(new(StepKind.MoveMount, Label) { Slot = empty, Text = AnyDirectory });
        plan.Begin(LaunchStage.Pivot);
        plan.Child(new(StepKind.PivotRoot, Label) { Slot = empty });
        plan.Begin(LaunchStage.Confine);
        plan.Child(new(StepKind.SetProcessName, "take a name") { Text = "cri-pod-init" });
        plan.Child(new(StepKind.LimitBoundingSet, "give up capabilities") { Number = request.Host.LastCapability });
        if (!hasUser)
        {
            plan.Child(new(StepKind.SetGroups, "give up groups"));
            plan.Child(new(StepKind.SetGroupId, "become nobody") { Number = Nobody });
            plan.Child(new(StepKind.SetUserId, "become nobody") { Number = Nobody });
        }
        plan.Child(new(StepKind.SetCapabilities, "give up capabilities") { Blob = new byte[8] });
        plan.Child(new(StepKind.SetNoNewPrivileges, "set no_new_privs"));
        plan.Child(new(StepKind.SetDumpable, "hide from the containers"));
        plan.Child(new(StepKind.ReapOrphans, "reap orphans"));
    }

    /// <summary>By the name in /proc/PID/ns. A class: generic code over references is compiled once for all.</summary>
    private sealed record NamespaceType(string Name, int Flag);
}
