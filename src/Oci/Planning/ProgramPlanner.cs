using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The plan of a program of the host, in a session of its own, so that it can be ended with all that it has started.</summary>
public static class ProgramPlanner
{
    public static LaunchPlan PlanProgram(ProgramStart program, HostFacts host)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(host);
        PlanWriter plan = new(program.Title);
        plan.Child(new(StepKind.AwaitParent, "wait for the parent"));
        // The monitor is the last that the kernel may kill for want of memory; what it starts is not.
        ProcSteps.OomScore(plan, host, 0);
        plan.Child(new(StepKind.NewSession, "start a session"));
        if (program.Mounts is { } mounts)
            Mount(plan, program.Title, mounts, host);
        plan.Child(new(StepKind.ChangeDirectory, $"go to {program.Directory}") { Text = program.Directory });
        plan.Child(new(StepKind.Exec, $"exec: \"{program.Path}\"")
        {
            Program = new([program.Path], [program.Path, .. program.Arguments], [HostPrograms.PathVariable]),
        });
        return plan.Finish();
    }

    /// <summary>The same as for a container of our own, but for the pivot; the volumes lie beside the root, where the program binds them from.</summary>
    private static void Mount(PlanWriter plan, string title, ProgramMounts mounts, HostFacts host)
    {
        plan.CloneFlags = CLONE_NEWNS;
        LinuxSection linux = new() { RootfsPropagation = MountOptions.ReachesHost(mounts.Propagation) ? "rshared" : "rslave", MountLabel = mounts.MountLabel };
        PlanOptions options = new() { ContainerId = title, Rootfs = mounts.Rootfs, Host = host };
        Spec spec = new() { Linux = linux, Mounts = mounts.Volumes };
        ContainerPlan container = new(plan, spec, options, new NamespaceSteps(plan, linux));
        ContainerPlan beside = container with { Root = plan.NewSlot() };
        MountSteps volumes = new(beside, ProgramMounts.NameOf);
        RootfsSteps.Mount(container, volumes.TakeSources);
        MountSteps.Close(plan, $"mount the overlay on {mounts.Rootfs.MountPoint}", container.Root);
        if (mounts.Volumes.Count == 0)
            return;
        RootfsSteps.Detach(container, mounts.Directory);
        plan.Child(new(StepKind.OpenPath, $"open {mounts.Directory}") { Slot = beside.Root, Text = mounts.Directory, Number = O_PATH });
        volumes.AddAll();
        MountSteps.Close(plan, $"close {mounts.Directory}", beside.Root);
    }
}
