using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// Specification to plan: a pure function, so that what a container will be can be looked at before, and without, making one. The order of the
/// child's part is that of the runtime specification's lifecycle (runtime.md): namespaces, root file system, mounts, devices, hooks, pivot, protection, identity, gate, program.
/// </summary>
public static class LaunchPlanner
{
    /// <summary>The stage in which the parent runs the hooks of the runtime namespace.</summary>
    private const int HookStage = 2;

    /// <summary>The plan of a container's first process.</summary>
    /// <exception cref="SpecException">The specification is wrong, or asks for what this host must refuse; nothing was done.</exception>
    /// <exception cref="SeccompFilters.SeccompException">Its seccomp section is not understood.</exception>
    /// <exception cref="Cgroups.CgroupException">Its resources cannot be had on this host.</exception>
    public static LaunchPlan Plan(Spec spec, PlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        Validation.Check(spec);
        Process process = spec.Process ?? throw new SpecException("process", "is required to create a container");
        PlanWriter plan = new($"create container {options.ContainerId}")
        {
            Timed = options.Timed,
            PreservedDescriptors = options.PreservedDescriptors,
        };
        ContainerPlan container = new(plan, spec, options, new NamespaceSteps(plan, spec.Linux ?? new LinuxSection()));
        if (!container.Namespaces.IsNew(CLONE_NEWNS))
            throw new SpecException("linux.namespaces", "a new mount namespace is required");
        ProcessSteps steps = new(plan, process, options.Host, container.Namespaces.HasUserNamespace);
        ProcSteps.Open(plan, container.HostProc);
        AddGate(container);
        plan.Begin(LaunchStage.Namespaces);
        AddBirth(container, process);
        plan.Begin(LaunchStage.Mounts);
        AddTree(container, process);
        plan.Begin(LaunchStage.Hooks);
        AddHooks(container);
        plan.Begin(LaunchStage.Pivot);
        RootfsSteps.Finish(container);
        plan.Begin(LaunchStage.Confine);
        AddIdentity(container, process);
        steps.Limit(options.ContainerId);
        steps.Confine(container.Linux.Seccomp is { } seccomp ? options.CompileSeccomp(seccomp) : null);
        AddStart(container, steps);
        return plan.Finish();
    }

    private static void AddGate(ContainerPlan container)
    {
        PlanWriter plan = container.Writer;
        if (!container.Options.StartGate)
            return;
        plan.Flags |= PlanFlags.Gated;
        if (container.Options.GateFifo is not { } fifo)
            return;
        plan.GateSlot = plan.NewSlot();
        plan.Before(new(StepKind.MakeFifo, $"make {fifo}") { Text = fifo, Number = 0x180 }); // 0600
        plan.Undo(new(StepKind.RemoveFile, $"remove {fifo}") { Text = fifo });
        // Open for both, so that opening waits for nobody and the release is not lost between two openings.
        plan.Before(new(StepKind.OpenPath, $"open {fifo}") { Slot = plan.GateSlot, Text = fifo, Number = O_RDWR });
    }

    private static void AddBirth(ContainerPlan container, Process process)
    {
        PlanWriter plan = container.Writer;
        // In a namespace that others are in already, they could otherwise look into the child while it still has the host in reach.
        if (container.Namespaces.IsJoined(CLONE_NEWPID) || container.Namespaces.HasUserNamespace)
            plan.Child(new(StepKind.SetDumpable, "hide from the container"));
        container.Namespaces.Add(container.RootPath, () =>
        {
            if (container.Options.Cgroup is { } placement)
                CgroupSteps.Create(plan, placement, container.Linux.Resources);
            IntelRdtSteps.Create(plan, ResctrlGroup.Of(container.Linux.IntelRdt, container.Options.ContainerId, container.Options.Resctrl));
            ProcSteps.OomScore(plan, container.Options.Host, process.OomScoreAdj);
        });
        ProcessSteps.GiveStdio(plan, process.User.Uid, container.Namespaces.HasUserNamespace ? container.Linux.UidMappings : []);
        plan.Child(new(StepKind.NewSession, "start a session"));
    }

    private static void AddTree(ContainerPlan container, Process process)
    {
        MountSteps mounts = new(container);
        RootfsSteps.Mount(container, mounts.TakeSources);
        mounts.AddAll();
        DeviceSteps.Add(container);
        if (process.Cwd.Length > 1)
            MountSteps.Close(container.Writer, "make the working directory", MountSteps.MakeTarget(container.Writer, container.Root, $"make the working directory {process.Cwd}", process.Cwd));
        TerminalSteps.Add(container.Writer, process, container.Root, console: true);
        ProtectionSteps.Add(container);
    }

    private static void AddHooks(ContainerPlan container)
    {
        if (container.Spec.Hooks is not { } hooks || hooks.Prestart.Count + hooks.CreateRuntime.Count + hooks.CreateContainer.Count == 0)
            return;
        PlanWriter plan = container.Writer;
        HookSteps steps = Hooks(container);
        if (hooks.Prestart.Count + hooks.CreateRuntime.Count > 0)
        {
            int bundle = steps.OpenBundle();
            plan.Child(new(StepKind.AskParent, "run the hooks of the runtime namespace") { Number = HookStage });
            steps.Add(PlanSection.Stage2, "prestart", hooks.Prestart, ContainerStatus.Creating, bundle);
            steps.Add(PlanSection.Stage2, "createRuntime", hooks.CreateRuntime, ContainerStatus.Creating, bundle);
        }
        steps.Add(PlanSection.Child, "createContainer", hooks.CreateContainer, ContainerStatus.Creating);
    }

    private static void AddIdentity(ContainerPlan container, Process process)
    {
        PlanWriter plan = container.Writer;
        if (!string.IsNullOrEmpty(container.Spec.Hostname))
            plan.Child(new(StepKind.SetHostname, $"set the hostname {container.Spec.Hostname}") { Text = container.Spec.Hostname });
        if (!string.IsNullOrEmpty(container.Spec.Domainname))
            plan.Child(new(StepKind.SetDomainname, $"set the domainname {container.Spec.Domainname}") { Text = container.Spec.Domainname });
        ProcSteps.Sysctl(plan, container.HostProc, container.Linux.Sysctl);
        ProcSteps.Labels(plan, container.HostProc, container.Options.Host, process.ApparmorProfile, process.SelinuxLabel);
        Scheduling.AddPersonality(plan, container.Linux.Personality);
        Scheduling.AddMemoryPolicy(plan, container.Linux.MemoryPolicy);
    }

    private static void AddStart(ContainerPlan container, ProcessSteps steps)
    {
        PlanWriter plan = container.Writer;
        if (container.Options.StartGate)
            plan.Child(new(StepKind.StopAtGate, "wait at the gate"));
        if (container.Spec.Hooks is { StartContainer.Count: > 0 } hooks)
            Hooks(container).Add(PlanSection.Child, "startContainer", hooks.StartContainer, ContainerStatus.Created);
        steps.Execute();
    }

    private static HookSteps Hooks(ContainerPlan container) => new(container.Writer, new HookTarget(
        container.Spec.OciVersion ?? "1.2.0", container.Options.ContainerId, container.Options.Bundle, container.Spec.Annotations));
}
