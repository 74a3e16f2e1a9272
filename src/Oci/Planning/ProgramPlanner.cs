using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
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
        if (program.Rootfs is { } rootfs)
            Mount(plan, program, rootfs, host);
        plan.Child(new(StepKind.ChangeDirectory, $"go to {program.Directory}") { Text = program.Directory });
        plan.Child(new(StepKind.Exec, $"exec: \"{program.Path}\"")
        {
            Program = new([program.Path], [program.Path, .. program.Arguments], [HostPrograms.PathVariable]),
        });
        return plan.Finish();
    }

    /// <summary>The same as for a container of our own, but for the pivot.</summary>
    private static void Mount(PlanWriter plan, ProgramStart program, OverlayRootfs rootfs, HostFacts host)
    {
        plan.CloneFlags = CLONE_NEWNS;
        ulong propagation = MountOptions.PropagationOf(program.RootfsPropagation, out _);
        plan.Child(new(StepKind.SetPropagation, "set the propagation of /") { Text = "/", Value = (propagation == MS_SHARED ? MS_SHARED : MS_SLAVE) | MS_REC });
        RootfsSteps.Detach(plan, rootfs.MountPoint);
        string label = $"mount the overlay on {rootfs.MountPoint}";
        if (!host.OverlayTakesLayersOneByOne)
        {
            string[] options = [$"upperdir={OptionPaths.Escape(rootfs.Upper)}", $"workdir={OptionPaths.Escape(rootfs.Work)}", .. rootfs.Options];
            OverlaySteps.MountByString(plan, rootfs.MountPoint, label, rootfs.Lower, options);
            return;
        }

        int context = OverlaySteps.OpenContext(plan, label, rootfs.Lower);
        OverlaySteps.Set(plan, context, "upperdir", rootfs.Upper);
        OverlaySteps.Set(plan, context, "workdir", rootfs.Work);
        foreach (string option in rootfs.Options)
            plan.Child(RootfsSteps.FsOption(label, context, option));
        int mount = plan.NewSlot();
        plan.Child(new(StepKind.FsMount, label) { Slot = mount, Base = context });
        plan.Child(new(StepKind.MoveMount, label) { Slot = mount, Text = rootfs.MountPoint });
        MountSteps.Close(plan, label, mount);
    }
}
