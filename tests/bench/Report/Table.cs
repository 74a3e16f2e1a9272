using System.Globalization;
using System.Text;
using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Report;

/// <summary>A comparison as a Markdown table, medians with the 90th and 99th percentiles behind them.</summary>
internal static class Table
{
    internal static string Write(Comparison comparison)
    {
        StringBuilder text = new();
        text.Append("| measure | unit |");
        foreach (string runtime in comparison.Columns)
            text.Append(CultureInfo.InvariantCulture, $" {runtime} |");
        text.AppendLine(" better by |");
        text.Append("|---|---|");
        foreach (string _ in comparison.Columns)
            text.Append("---:|");
        text.AppendLine("---:|");
        foreach (Row row in comparison.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.First.Name} | {row.First.Unit} |");
            foreach (Measure? value in row.Values)
                text.Append(CultureInfo.InvariantCulture, $" {Cell(value)} |");
            text.AppendLine(row.Advantage is double times ? string.Create(CultureInfo.InvariantCulture, $" {times:F1} x |") : " |");
        }

        foreach (string note in comparison.Notes)
            text.AppendLine().AppendLine(note);
        return text.ToString();
    }

    internal static string Number(double value) => value.ToString(value >= 100 || value == Math.Truncate(value) ? "F0" : value >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture);

    private static string Cell(Measure? measure) => measure switch
    {
        null => "–",
        { P90: double p90, P99: double p99 } => $"{Number(measure.P50)} ({Number(p90)}, {Number(p99)})",
        _ => Number(measure.P50),
    };
}
