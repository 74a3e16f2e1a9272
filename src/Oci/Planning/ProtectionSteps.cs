using CriRuntime.Linux.Launching;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>Paths that are hidden or made read-only (config-linux.md, Masked Paths, Readonly Paths).</summary>
internal static class ProtectionSteps
{
    private const string NullDevice = "/dev/null";

    internal static void Add(ContainerPlan container)
    {
        PlanWriter plan = container.Writer;
        foreach (string path in container.Linux.ReadonlyPaths)
            plan.Child(new(StepKind.ReadOnlyPath, $"make {path} read-only") { Base = container.Root, Text = MountSteps.InRoot(path) });
        if (container.Linux.MaskedPaths.Count == 0)
            return;
        // The host's device, and a look at it: whatever the image calls /dev/null hides nothing (CVE-2025-31133).
        int cover = plan.NewSlot();
        plan.Child(new(StepKind.OpenPath, $"open {NullDevice}") { Slot = cover, Text = NullDevice, Number = O_PATH });
        plan.Child(new(StepKind.VerifyDevice, $"check {NullDevice}") { Slot = cover, Value = Device(1, 3) });
        foreach (string path in container.Linux.MaskedPaths)
            plan.Child(new(StepKind.MaskPath, $"mask {path}") { Slot = cover, Base = container.Root, Text = MountSteps.InRoot(path), Text2 = container.MountLabel });
        MountSteps.Close(plan, NullDevice, cover);
    }
}
