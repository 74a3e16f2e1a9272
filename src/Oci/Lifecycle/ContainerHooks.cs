using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>The hooks outside of a launch: poststart and poststop.</summary>
public static class ContainerHooks
{
    /// <summary>Runs the poststart hooks one after the other. One that fails ends the rest and the container (runtime.md, Lifecycle).</summary>
    /// <exception cref="OciException">One failed; the container was killed.</exception>
    public static void Poststart(Container container)
    {
        Spec? spec = Load(container);
        foreach (Hook hook in spec?.Hooks?.Poststart ?? [])
        {
            if (Run(container, spec!, hook, "poststart", ContainerStatus.Running) is not { } failure)
                continue;
            container.Kill(Container.SigKill, all: true);
            using FileDescriptor? process = container.OpenProcess();
            if (process is not null)
                PidFd.Signal(process, Container.SigKill);
            throw new OciException($"{failure}; container {container.Record.Id} was killed");
        }
    }

    /// <summary>Runs all poststop hooks, whatever becomes of each: a failure is a warning (runtime.md, Lifecycle).</summary>
    public static void Poststop(Container container, Action<string> warn)
    {
        Spec? spec = Load(container);
        foreach (Hook hook in spec?.Hooks?.Poststop ?? [])
        {
            if (Run(container, spec!, hook, "poststop", ContainerStatus.Stopped) is { } failure)
                warn(failure);
        }
    }

    /// <summary>The specification is read again only for a container that has hooks.</summary>
    private static Spec? Load(Container container) => container.Record.HasHooks ? container.Store.LoadSpec(container.Record.Id) : null;

    /// <returns>Null, or what went wrong.</returns>
    private static string? Run(Container container, Spec spec, Hook hook, string kind, string status)
    {
        ContainerRecord record = container.Record;
        HookTarget target = new(record.OciVersion, record.Id, record.Bundle, spec.Annotations);
        try
        {
            PlanRunner.RunParentSteps(HookPlanner.Plan(target, kind, [hook], status), record.Pid);
            return null;
        }
        catch (LaunchException e)
        {
            return e.Message;
        }
    }
}
