using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>The hooks outside of a launch: poststart and poststop.</summary>
public static class ContainerHooks
{
    /// <summary>Runs them one after the other. The first that fails ends the rest, with a warning: config.md wants the lifecycle to go on.</summary>
    public static void Run(Container container, Func<Hooks, IReadOnlyList<Hook>> choose, string kind, string status, Action<string> warn)
    {
        // The specification is read again only for a container that has hooks.
        if (!container.Record.HasHooks)
            return;
        Spec spec = container.Store.LoadSpec(container.Record.Id);
        if (spec.Hooks is null || choose(spec.Hooks) is not { Count: > 0 } hooks)
            return;
        ContainerRecord record = container.Record;
        HookTarget target = new(record.OciVersion, record.Id, record.Bundle, spec.Annotations);
        try
        {
            PlanRunner.RunParentSteps(HookPlanner.Plan(target, kind, hooks, status), record.Pid);
        }
        catch (LaunchException e)
        {
            warn(e.Message);
        }
    }
}
