using CriRuntime.CriServer.Specs;
using CriRuntime.Nri.Merging;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;
using Google.Protobuf.Collections;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>A spec as plugins want it, but for CDI devices and resources: a pure function. What cannot be done the planner refuses.</summary>
public static class SpecAdjustment
{
    public static Spec Apply(Spec spec, Api.ContainerAdjustment wanted, NodeFacts node)
    {
        spec = spec with
        {
            Annotations = AdjustedMap.Of(spec.Annotations, wanted.Annotations),
            Mounts = Mounts(spec.Mounts, wanted.Mounts),
            Hooks = wanted.Hooks is { } hooks && hooks.CalculateSize() > 0 ? HookMessages.Append(spec.Hooks ?? new Hooks(), hooks) : spec.Hooks,
            Process = Process(spec.Process ?? new Process(), wanted, node),
        };
        return wanted.Linux is { } linux ? spec with { Linux = LinuxAdjustment.Apply(spec.Linux ?? new LinuxSection(), linux) } : spec;
    }

    private static Process Process(Process process, Api.ContainerAdjustment wanted, NodeFacts node)
    {
        Api.LinuxContainerAdjustment linux = wanted.Linux ?? new Api.LinuxContainerAdjustment();
        List<Rlimit> limits = [.. process.Rlimits];
        foreach (Api.POSIXRlimit limit in wanted.Rlimits)
        {
            limits.RemoveAll(former => former.Type == limit.Type);
            limits.Add(new Rlimit { Type = limit.Type, Hard = limit.Hard, Soft = limit.Soft });
        }

        return process with
        {
            Args = wanted.Args.Count > 0 ? [.. wanted.Args] : process.Args,
            Env = Environment(process.Env, wanted.Env),
            Rlimits = limits,
            OomScoreAdj = linux.OomScoreAdj is { } score ? ResourceLimits.OomScoreAdj(Math.Clamp(score.Value, -1000, 1000), node) : process.OomScoreAdj,
            IoPriority = linux.IoPriority is { } priority ? SchedulingMessages.Read(priority) : process.IoPriority,
            Scheduler = linux.Scheduler is { } scheduler ? SchedulingMessages.Read(scheduler) : process.Scheduler,
        };
    }

    private static IReadOnlyList<string> Environment(IReadOnlyList<string> environment, RepeatedField<Api.KeyValue> wanted)
    {
        if (wanted.Count == 0)
            return environment;
        List<string> adjusted = [.. environment];
        foreach (Api.KeyValue variable in wanted)
        {
            (string name, bool removed) = Removal.Read(variable.Key);
            if (removed)
                SpecEdits.RemoveVariable(adjusted, name);
            else
                SpecEdits.SetVariable(adjusted, name, variable.Value);
        }

        return adjusted;
    }

    private static IReadOnlyList<Mount> Mounts(IReadOnlyList<Mount> mounts, RepeatedField<Api.Mount> wanted) => wanted.Count == 0
        ? mounts
        : SpecEdits.InOrder(AdjustedList.Of(mounts, wanted, mount => mount.Destination, mount => mount.Destination, Read));

    private static Mount Read(Api.Mount mount) => new()
    {
        Destination = mount.Destination,
        Type = mount.Type.Length > 0 ? mount.Type : null,
        Source = mount.Source.Length > 0 ? mount.Source : null,
        Options = [.. mount.Options],
    };
}
