using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Running;

/// <summary>Collects the moments of one timed launch: the child tells its own, the parent's are noted here.</summary>
internal sealed class LaunchClock
{
    /// <summary>More than a launch has; whoever wrote the plan, what is told of it fits a frame.</summary>
    private const int MaxMoments = 32;

    private readonly List<LaunchMoment> moments = [];

    internal IReadOnlyList<LaunchMoment> Moments => moments;

    /// <summary>Null where the plan does not ask for it: then nothing is noted, and no clock is looked at.</summary>
    internal static LaunchClock? For(PlanFlags flags) => (flags & PlanFlags.Timed) == 0 ? null : new();

    /// <summary>The stage begins now.</summary>
    internal void Note(LaunchStage stage) => Note(stage, RealtimeClock.Nanoseconds());

    internal void Note(LaunchStage stage, long at)
    {
        if (moments.Count < MaxMoments)
            moments.Add(new(stage, at));
    }
}
