using System.Diagnostics;

namespace CriRuntime.Tracing;

/// <summary>
/// The work of a call as a tree of spans: what runs within another's work is its child. Only a call begins a trace (<see cref="ActivityKind.Server"/>).
/// While nobody listens a span is a look at a field.
/// </summary>
internal static class Spans
{
    /// <summary>Whoever listens goes by this name: every room has a source of its own, with the same one.</summary>
    internal const string SourceName = "CriRuntime";

    private const int LongestReason = 1024;

    internal static readonly ActivitySource Source = new(SourceName);

    /// <summary>The present work is part of a trace that is recorded.</summary>
    internal static bool Recording => Source.HasListeners() && Activity.Current is { Recorded: true };

    /// <summary>Does <paramref name="work"/> within a span; an exception becomes the span's status, and passes.</summary>
    /// <param name="name">Of few different values, so that spans can be compared; what differs is a tag.</param>
    /// <param name="work">Gets the span to tag; null where nothing is recorded.</param>
    internal static Task<T> RunAsync<T>(string name, Func<Activity?, Task<T>> work) => Source.HasListeners() ? RecordAsync(name, work) : work(null);

    /// <inheritdoc cref="RunAsync{T}"/>
    internal static Task RunAsync(string name, Func<Activity?, Task> work) => Source.HasListeners() ? RecordAsync(name, work) : work(null);

    /// <inheritdoc cref="RunAsync{T}"/>
    internal static T Run<T>(string name, Func<Activity?, T> work)
    {
        using Activity? span = Source.StartActivity(name);
        try
        {
            return work(span);
        }
        catch (Exception e)
        {
            Fail(span, e.Message);
            throw;
        }
    }

    /// <summary>Says something more of the span that the present work belongs to.</summary>
    internal static void Tag(string key, string value)
    {
        if (Source.HasListeners())
            Activity.Current?.SetTag(key, value);
    }

    /// <param name="span">Null: nothing is recorded.</param>
    /// <param name="reason">As a caller would be told; it is cut after 1024 characters.</param>
    internal static void Fail(Activity? span, string reason) =>
        span?.SetStatus(ActivityStatusCode.Error, reason.Length > LongestReason ? reason[..LongestReason] : reason);

    private static async Task<T> RecordAsync<T>(string name, Func<Activity?, Task<T>> work)
    {
        using Activity? span = Source.StartActivity(name);
        try
        {
            return await work(span).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(span, e.Message);
            throw;
        }
    }

    private static async Task RecordAsync(string name, Func<Activity?, Task> work)
    {
        using Activity? span = Source.StartActivity(name);
        try
        {
            await work(span).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(span, e.Message);
            throw;
        }
    }
}
