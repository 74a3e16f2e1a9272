namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>Brings encoded spans to a collector.</summary>
internal interface ISpanSender : IDisposable
{
    /// <summary>One try. A collector that can't be reached, or answers nonsense, is an outcome, no exception.</summary>
    /// <param name="request">An ExportTraceServiceRequest.</param>
    /// <exception cref="OperationCanceledException">By the token alone.</exception>
    Task<SendOutcome> SendAsync(byte[] request, CancellationToken cancellationToken);
}

/// <param name="Delivered">The collector has answered; see <paramref name="Rejected"/> for spans that it did not want.</param>
/// <param name="MayRetry">The same request may succeed later.</param>
/// <param name="Reason">Why it was not delivered, or what the collector has to say of what was.</param>
/// <param name="Rejected">Spans of a delivered request that the collector threw away (OTLP's partial success).</param>
internal sealed record SendOutcome(bool Delivered, bool MayRetry, string Reason, long Rejected = 0)
{
    /// <summary>The collector wants to be left alone for so long.</summary>
    internal TimeSpan Pause { get; init; }

    internal static SendOutcome TimedOut(TimeSpan patience) => new(false, true, $"no answer within {patience.TotalSeconds:0.###} s");
}
