using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>Hooks outside of a launch, as a plan that clones nothing.</summary>
internal static class HookPlanner
{
    internal static LaunchPlan Plan(HookTarget target, string kind, IReadOnlyList<Hook> hooks, string status)
    {
        PlanWriter plan = new($"container {target.Id}") { Flags = PlanFlags.ParentOnly };
        HookSteps steps = new(plan, target);
        steps.Add(PlanSection.Before, kind, hooks, status, steps.OpenBundle());
        return plan.Finish();
    }
}
