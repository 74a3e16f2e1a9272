using System.Text;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The cgroup's part of a plan: made and limited before the clone; joined by birth (v2), and by the child's own hand (v1).</summary>
internal static class CgroupSteps
{
    /// <summary>Makes the container's cgroups; they are removed again if the launch fails.</summary>
    internal static void Create(PlanWriter plan, CgroupPlacement placement, LinuxResources? resources)
    {
        CgroupSetup setup = CgroupPlanner.Plan(placement, resources);
        foreach (string warning in setup.Warnings)
            plan.Warn(warning);
        foreach (CgroupStep step in setup.Steps)
            Add(plan, step);
        for (int i = setup.Undo.Length - 1; i >= 0; i--)
            plan.Undo(new(StepKind.RemoveDirectory, "remove the cgroup") { Text = setup.Undo[i] });
        Join(plan, placement);
    }

    /// <summary>Puts the child into cgroups that exist by then. Its steps come while it still sees the host's files.</summary>
    internal static void Join(PlanWriter plan, CgroupPlacement placement)
    {
        foreach (CgroupDirectory directory in placement.Directories)
        {
            if (directory.Version == CgroupVersion.V2)
                plan.CgroupSlot = Open(plan, directory.Path);
            else
                plan.Child(new(StepKind.WriteFile, $"join {directory.Path}") { Text = directory.TasksFile, Blob = "0"u8.ToArray() });
        }
    }

    /// <summary>
    /// V2: a further process gets a cgroup below the container's, so that all that comes of it can be killed at once. Without controllers of its own it
    /// is free of the rule that only leaves have processes, and it keeps that rule where the container itself gave its cgroup children.
    /// </summary>
    internal static void JoinBelow(PlanWriter plan, CgroupDirectory directory)
    {
        plan.Before(new(StepKind.MakeDirectory, $"make {directory.Path}") { Text = directory.Path, Number = 0x1ed });
        plan.Undo(new(StepKind.RemoveDirectory, "remove the cgroup") { Text = directory.Path });
        plan.CgroupSlot = Open(plan, directory.Path);
    }

    private static void Add(PlanWriter plan, CgroupStep step)
    {
        switch (step)
        {
            case CgroupStep.MakeDirectory make:
                plan.Before(new(StepKind.MakeDirectory, $"make {make.Path}") { Text = make.Path, Number = 0x1ed });
                break;
            case CgroupStep.WriteFile write:
                plan.Before(new(StepKind.WriteFile, $"write \"{write.Value}\" to {write.Path}")
                {
                    Text = write.Path,
                    Blob = Encoding.UTF8.GetBytes(write.Value),
                    Flags = write.Optional ? StepFlags.Ignored : StepFlags.None,
                });
                break;
            case CgroupStep.CopyIfEmpty copy:
                plan.Before(new(StepKind.CopyIfEmpty, $"fill {copy.Path}") { Text = copy.Path, Text2 = copy.Source });
                break;
            case CgroupStep.AttachDeviceProgram attach:
                int slot = Open(plan, attach.Path);
                plan.Before(new(StepKind.AttachDeviceProgram, $"attach device rules to {attach.Path}") { Base = slot, Blob = attach.Program.AsMemory() });
                break;
            default:
                throw new InvalidOperationException($"The cgroup step {step.GetType().Name} has no step in a plan.");
        }
    }

    private static int Open(PlanWriter plan, string path)
    {
        int slot = plan.NewSlot();
        plan.Before(new(StepKind.OpenPath, $"open {path}") { Slot = slot, Text = path, Number = O_RDONLY });
        return slot;
    }
}
