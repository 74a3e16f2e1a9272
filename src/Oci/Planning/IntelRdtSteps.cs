using System.Text;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>
/// linux.intelRdt (config-linux.md, IntelRdt): the process joins a class of cache and memory bandwidth in resctrl, and what it starts is born in it. Classes with
/// schemata, and monitoring groups, are made before it is.
/// </summary>
internal static class IntelRdtSteps
{
    internal static void Create(PlanWriter plan, ResctrlGroup? group)
    {
        if (group is null)
            return;
        // The kernel's limits for a class are set before anything is in it.
        if (group.Schemata.Length > 0)
        {
            Make(plan, group.Path, group.Own);
            plan.Before(new(StepKind.WriteFile, $"write the schemata of linux.intelRdt to {group.Path}/schemata")
            {
                Text = $"{group.Path}/schemata",
                Blob = Encoding.UTF8.GetBytes(group.Schemata),
            });
        }

        if (group.Monitoring is { } monitoring)
            Make(plan, monitoring, group.Own);
        Join(plan, group);
    }

    /// <summary>While the child still has the host's directories. resctrl takes 0 for the writer itself, and a monitoring group only what is in its class.</summary>
    internal static void Join(PlanWriter plan, ResctrlGroup? group)
    {
        if (group is null)
            return;
        plan.Child(new(StepKind.WriteFile, $"join linux.intelRdt's class {group.Path}") { Text = $"{group.Path}/tasks", Blob = "0"u8.ToArray() });
        if (group.Monitoring is { } monitoring)
            plan.Child(new(StepKind.WriteFile, $"join the monitoring group {monitoring}") { Text = $"{monitoring}/tasks", Blob = "0"u8.ToArray() });
    }

    private static void Make(PlanWriter plan, string directory, IReadOnlyList<string> own)
    {
        plan.Before(new(StepKind.MakeDirectory, $"make {directory}") { Text = directory, Number = 0x1ed });
        if (own.Contains(directory))
            plan.Undo(new(StepKind.RemoveDirectory, $"remove {directory}") { Text = directory });
    }
}
