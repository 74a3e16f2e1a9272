using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Report;

/// <summary>Two or more results beside each other, by measure; the first is compared with the second.</summary>
internal sealed class Comparison(IReadOnlyList<Result> results)
{
    internal IReadOnlyList<string> Runtimes { get; } = [.. results.Select(result => result.Runtime)];

    internal IReadOnlyList<Row> Rows { get; } =
        [.. results[0].Measures.Select(measure => new Row(measure, [.. results.Select(result => result.Measures.Find(other => other.Name == measure.Name))]))];
}

/// <param name="Values">One per runtime; null where it has no such measure.</param>
internal sealed record Row(Measure First, IReadOnlyList<Measure?> Values)
{
    /// <summary>How many times better the first is than the second; null without a second.</summary>
    internal double? Advantage => Values.Count < 2 || Values[1] is not { Comparable: true } second || !First.Comparable
        ? null
        : First.MoreIsBetter ? First.P50 / second.P50 : second.P50 / First.P50;
}
