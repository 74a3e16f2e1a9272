using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// The plan of a container that is not started but restored, by a program of the host (CRIU). The child is put where the container will be, in its cgroup, the pod's namespaces, and
/// a mount namespace in which the root file system lies at its mount point; there it waits at the gate, and then executes the program. What that restores is born where it is. The pid
/// namespace and everything that belongs to the process itself come from the checkpoint.
/// </summary>
public static class RestorePlanner
{
    /// <param name="spec">Of the container: namespaces, cgroup and limits, root file system. Its process and mounts are not looked at.</param>
    /// <param name="options">With a gate.</param>
    /// <param name="command">The program, absolute, and its arguments.</param>
    /// <exception cref="SpecException">The specification has a user namespace, or joins another's pid namespace.</exception>
    /// <exception cref="Cgroups.CgroupException">Its resources cannot be had on this host.</exception>
    public static LaunchPlan PlanRestore(Spec spec, PlanOptions options, IReadOnlyList<string> command)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        LinuxSection linux = spec.Linux ?? new LinuxSection();
        Check(linux);
        linux = linux with { Namespaces = [.. linux.Namespaces.Where(static ns => ns.Type != LinuxNamespaceType.Pid)] };
        PlanWriter plan = new($"restore container {options.ContainerId}") { Flags = PlanFlags.Gated };
        ContainerPlan container = new(plan, spec with { Linux = linux }, options, new NamespaceSteps(plan, linux));
        ProcSteps.Open(plan, container.HostProc);
        container.Namespaces.Add(container.RootPath, () =>
        {
            if (options.Cgroup is { } placement)
                CgroupSteps.Create(plan, placement, linux.Resources);
        });
        plan.Child(new(StepKind.NewSession, "start a session"));
        RootfsSteps.Mount(container);
        if (spec.Root is { ReadOnly: true })
            plan.Child(MountAttributes.Step("make the root read-only", container.Root, set: MOUNT_ATTR_RDONLY));
        plan.Child(new(StepKind.StopAtGate, "wait at the gate"));
        plan.Child(new(StepKind.Exec, $"exec: \"{command[0]}\"")
        {
            Program = new([command[0]], command, [HostPrograms.PathVariable]),
        });
        return plan.Finish();
    }

    private static void Check(LinuxSection linux)
    {
        foreach (LinuxNamespace ns in linux.Namespaces)
        {
            if (ns.Type == LinuxNamespaceType.User || (ns.Type == LinuxNamespaceType.Pid && !string.IsNullOrEmpty(ns.Path)))
                throw new SpecException("linux.namespaces", $"a container with this {ns.Type} namespace can't be restored");
        }
    }
}
