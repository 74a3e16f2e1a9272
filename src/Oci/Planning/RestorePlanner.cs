using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// The plan of a container that is not started but restored, by a program of the host (CRIU). The child is put where the container will be, in its cgroup, the pod's namespaces, and
/// a mount namespace in which the root file system lies at its mount point; there it waits at the gate, and then executes the program. What that restores is born where it is. The pid
/// namespace, which the program makes or enters, and everything that belongs to the process itself come from the checkpoint. A terminal is a new one, on the program's standard streams.
/// </summary>
public static class RestorePlanner
{
    /// <param name="spec">Of the container: namespaces, cgroup and limits, root file system, and whether it has a terminal. Its mounts are not looked at.</param>
    /// <param name="options">With a gate.</param>
    /// <param name="program">What restores it.</param>
    /// <exception cref="SpecException">The specification has a user namespace.</exception>
    /// <exception cref="Cgroups.CgroupException">Its resources cannot be had on this host.</exception>
    public static LaunchPlan PlanRestore(Spec spec, PlanOptions options, RestoringProgram program)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(program);
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        if (linux.Namespaces.Any(static ns => ns.Type == LinuxNamespaceType.User))
            throw new SpecException("linux.namespaces", "a container with a user namespace can't be restored");
        linux = linux with { Namespaces = [.. linux.Namespaces.Where(static ns => ns.Type != LinuxNamespaceType.Pid)] };
        PlanWriter plan = new($"restore container {options.ContainerId}") { Flags = PlanFlags.Gated };
        ContainerPlan container = new(plan, spec with { Linux = linux }, options, new NamespaceSteps(plan, linux));
        ProcSteps.Open(plan, container.HostProc);
        container.Namespaces.Add(container.RootPath, () =>
        {
            if (options.Cgroup is { } placement)
                CgroupSteps.Create(plan, placement, linux.Resources);
            IntelRdtSteps.Create(plan, ResctrlGroup.Of(linux.IntelRdt, options.ContainerId, options.Resctrl));
        });
        plan.Child(new(StepKind.NewSession, "start a session"));
        RootfsSteps.Mount(container);
        if (program.ConsoleFile is { } file)
            TerminalSteps.AddForRestore(plan, spec.Process ?? new Process(), file);
        if (spec.Root is { ReadOnly: true })
            plan.Child(MountAttributes.Step("make the root read-only", container.Root, set: MOUNT_ATTR_RDONLY));
        plan.Child(new(StepKind.StopAtGate, "wait at the gate"));
        plan.Child(new(StepKind.Exec, $"exec: \"{program.Command[0]}\"")
        {
            Program = new([program.Command[0]], program.Command, [HostPrograms.PathVariable]),
        });
        return plan.Finish();
    }
}
