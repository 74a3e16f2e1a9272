using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The plan of a further process in a container: it joins everything by the pidfd of the first one and then becomes what the specification's process says.</summary>
public static class ExecPlanner
{
    /// <exception cref="SpecException">The process is wrong, or asks for what this host must refuse.</exception>
    /// <exception cref="SeccompFilters.SeccompException">The seccomp section is not understood.</exception>
    public static LaunchPlan PlanExec(Process process, ExecTarget target)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(target);
        ProcessValidation.Check(process, "process");
        if (process.ExecCpuAffinity is not null)
            throw new SpecException("process.execCPUAffinity", "is not supported; the process runs on the container's processors");
        PlanWriter plan = new($"exec in container {target.ContainerId}")
        {
            Timed = target.Timed,
            PreservedDescriptors = target.PreservedDescriptors,
        };
        int namespaces = NamespaceSteps.FlagsOf(target.Namespaces);
        bool inUserNamespace = (namespaces & CLONE_NEWUSER) != 0;
        int proc = plan.NewSlot();
        ProcSteps.Open(plan, proc);
        plan.Begin(LaunchStage.Namespaces);
        Join(plan, target, namespaces, process.User.Uid);
        plan.Begin(LaunchStage.Confine);
        ProcSteps.OomScore(plan, target.Host, process.OomScoreAdj);
        plan.Child(new(StepKind.NewSession, "start a session"));
        AddTerminal(plan, process);
        ProcSteps.Labels(plan, proc, target.Host, process.ApparmorProfile, process.SelinuxLabel);
        Scheduling.AddPersonality(plan, target.Personality);
        Scheduling.AddMemoryPolicy(plan, target.MemoryPolicy);
        ProcessSteps steps = new(plan, process, target.Host, inUserNamespace);
        steps.Limit(target.ContainerId);
        steps.Confine(target.Seccomp is { } seccomp ? target.CompileSeccomp(seccomp) : null);
        steps.Execute();
        return plan.Finish();
    }

    private static void Join(PlanWriter plan, ExecTarget target, int namespaces, uint user)
    {
        bool inUserNamespace = (namespaces & CLONE_NEWUSER) != 0;
        int pidFd = plan.NewSlot();
        plan.Before(new(StepKind.OpenPidFd, $"open process {target.Pid}") { Slot = pidFd, Number = target.Pid, Value = (ulong)target.StartTime });
        if ((namespaces & CLONE_NEWPID) != 0)
            plan.PidNamespaceSlot = pidFd;
        // The container's processes could otherwise look into the child while it still has the host in reach (CVE-2016-9962).
        plan.Child(new(StepKind.SetDumpable, "hide from the container"));
        JoinCgroup(plan, target);
        IntelRdtSteps.Join(plan, ResctrlGroup.Of(target.IntelRdt, target.ContainerId));
        plan.Child(new(StepKind.AwaitParent, "wait for the parent"));
        if (inUserNamespace)
            ProcessSteps.GiveStdio(plan, user, target.UidMappings);
        int others = namespaces & ~CLONE_NEWPID;
        if (others != 0)
            plan.Child(new(StepKind.JoinNamespace, "join the container's namespaces") { Base = pidFd, Number = others });
        if (inUserNamespace)
        {
            plan.Child(new(StepKind.SetGroupId, "become root of the user namespace"));
            plan.Child(new(StepKind.SetUserId, "become root of the user namespace"));
        }
    }

    private static void JoinCgroup(PlanWriter plan, ExecTarget target)
    {
        if (target.Cgroup is not { } placement)
            return;
        if (target.ExecCgroup is { } name && placement.Exec(name) is { } own)
            CgroupSteps.JoinBelow(plan, own);
        else
            CgroupSteps.Join(plan, placement);
    }

    private static void AddTerminal(PlanWriter plan, Process process)
    {
        if (!process.Terminal)
            return;
        int root = plan.NewSlot();
        plan.Child(new(StepKind.OpenPath, "open the container's root") { Slot = root, Text = "/", Number = O_PATH });
        TerminalSteps.Add(plan, process, root, console: false);
        MountSteps.Close(plan, "close the container's root", root);
    }
}
