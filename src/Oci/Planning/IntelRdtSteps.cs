using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// linux.intelRdt (config-linux.md, IntelRdt): the process joins a class of cache and memory bandwidth that the operator has made in resctrl, and what it
/// starts is born in it. Classes are neither made nor changed here (<see cref="LinuxValidation"/> refuses that).
/// </summary>
internal static class IntelRdtSteps
{
    /// <summary>While the child still has the host's directories. resctrl takes 0 for the writer itself.</summary>
    internal static void Join(PlanWriter plan, IntelRdt? rdt)
    {
        if (rdt is { ClosId.Length: > 0 })
            plan.Child(new(StepKind.WriteFile, $"join linux.intelRdt.closID {rdt.ClosId} in {Resctrl.Root}") { Text = $"{Resctrl.Directory(Resctrl.Root, rdt.ClosId)}/tasks", Blob = "0"u8.ToArray() });
    }
}
