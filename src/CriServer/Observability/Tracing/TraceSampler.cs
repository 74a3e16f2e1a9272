using System.Diagnostics;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>
/// Which spans are recorded: those whose parent is, be it the caller's or one here; of calls without a parent the configured share. Work in the background
/// that no call asked for begins no trace.
/// </summary>
internal sealed class TraceSampler(int ratePerMillion)
{
    private const int Million = 1_000_000;

    internal ActivityListener Listen(Action<Activity> ended) => new()
    {
        ShouldListenTo = source => source.Name == Spans.SourceName,
        Sample = (ref ActivityCreationOptions<ActivityContext> span) => IsRecorded(span.Parent, span.Kind)
            ? ActivitySamplingResult.AllDataAndRecorded
            : ActivitySamplingResult.None,
        ActivityStopped = ended,
    };

    private bool IsRecorded(ActivityContext parent, ActivityKind kind)
    {
        if (parent.SpanId != default)
            return parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return kind == ActivityKind.Server && Random.Shared.Next(Million) < ratePerMillion;
    }
}
