using System.Diagnostics;
using CriRuntime.Linux.Launching;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Monitors;

/// <summary>
/// What a launch spent its time on, as spans below the one of the monitor's call. They are made afterwards, of the moments that a timed plan had noted: a process on its way to its
/// program can make none. One that an older monitor has made has no moments.
/// </summary>
internal static class LaunchSpans
{
    /// <summary>Each stage lasts to the next, the last one to the end of the call. By a clock that was set meanwhile none begins before the call, before another, or after its end.</summary>
    /// <param name="call">The monitor's; null where nothing is recorded.</param>
    internal static void Record(Activity? call, IReadOnlyList<LaunchMoment> moments)
    {
        if (call is null || moments.Count == 0)
            return;
        DateTime last = DateTime.UtcNow;
        DateTime start = Within(moments[0].At, call.StartTimeUtc, last);
        for (int i = 0; i < moments.Count; i++)
        {
            DateTime end = i + 1 < moments.Count ? Within(moments[i + 1].At, start, last) : last;
            Record(call, moments[i].Stage, start, end);
            start = end;
        }
    }

    private static void Record(Activity call, LaunchStage stage, DateTime start, DateTime end)
    {
        // One without a length would be given one.
        if (NameOf(stage) is not { } name || end <= start)
            return;
        using Activity? span = Spans.Source.StartActivity(name, ActivityKind.Internal, call.Context, startTime: start);
        span?.SetEndTime(end);
    }

    private static DateTime Within(long nanoseconds, DateTime first, DateTime last)
    {
        long ticks = DateTime.UnixEpoch.Ticks + (Math.Max(nanoseconds, 0) / TimeSpan.NanosecondsPerTick);
        return ticks <= first.Ticks || last <= first ? first : ticks >= last.Ticks ? last : new DateTime(ticks, DateTimeKind.Utc);
    }

    private static string? NameOf(LaunchStage stage) => stage switch
    {
        LaunchStage.Prepare => "launch.prepare",
        LaunchStage.Clone => "launch.clone",
        LaunchStage.Namespaces => "launch.namespaces",
        LaunchStage.Mounts => "launch.mounts",
        LaunchStage.Hooks => "launch.hooks",
        LaunchStage.Pivot => "launch.pivot",
        LaunchStage.Confine => "launch.confine",
        _ => null,
    };
}
