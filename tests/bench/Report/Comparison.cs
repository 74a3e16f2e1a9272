using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Report;

/// <summary>Results beside each other, by measure; the first is compared with the second.</summary>
/// <param name="bare">The machine's own bounds: a last column, compared with nothing; null for none.</param>
internal sealed class Comparison(IReadOnlyList<Result> results, Result? bare = null)
{
    private readonly IReadOnlyList<Result> _columns = bare is null ? results : [.. results, bare];

    /// <summary>The columns' headings.</summary>
    internal IEnumerable<string> Columns => _columns.Select(result => result.Runtime);

    /// <summary>Why cells are empty, a sentence each.</summary>
    internal IEnumerable<string> Notes => _columns.SelectMany(result => result.Notes.Select(note => $"{result.Runtime}: {note}"));

    internal IEnumerable<Row> Rows => results[0].Measures.Select(measure => new Row(
        measure,
        results.Count > 1 ? Find(results[1], measure) : null,
        [.. _columns.Select(result => Find(result, measure))]));

    private static Measure? Find(Result result, Measure measure) => result.Measures.Find(other => other.Name == measure.Name);
}

/// <param name="Peer">What <paramref name="First"/> is compared with; null where there is none.</param>
/// <param name="Values">One per column; null where it has no such measure.</param>
internal sealed record Row(Measure First, Measure? Peer, IReadOnlyList<Measure?> Values)
{
    /// <summary>How many times better the first is than its peer; null where that says nothing.</summary>
    internal double? Advantage => Peer is not { Comparable: true } || !First.Comparable
        ? null
        : First.MoreIsBetter ? First.P50 / Peer.P50 : Peer.P50 / First.P50;
}
