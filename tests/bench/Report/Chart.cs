using System.Globalization;
using System.Security;
using System.Text;

namespace CriRuntime.Bench.Report;

/// <summary>A comparison as an SVG bar chart: for each measure the second runtime's value is the full bar, the first's its share of it.</summary>
internal static class Chart
{
    private const int LabelWidth = 330;
    private const int BarWidth = 380;
    private const int RowHeight = 34;
    private const int Top = 64;

    internal static string Write(Comparison comparison, string title)
    {
        string[] columns = [.. comparison.Columns];
        Row[] rows = [.. comparison.Rows.Where(row => row.Advantage is not null)];
        int height = Top + (rows.Length * RowHeight) + 16;
        int width = LabelWidth + BarWidth + 170;
        StringBuilder svg = new();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        Text(svg, 16, 24, title, "font-size=\"15\" font-weight=\"bold\"");
        Legend(svg, 16, "#2563a8", columns[0]);
        Legend(svg, 240, "#c4c9d0", columns.Length > 1 ? columns[1] : "no peer");
        for (int i = 0; i < rows.Length; i++)
            Bars(svg, rows[i], Top + (i * RowHeight));
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void Bars(StringBuilder svg, Row row, int y)
    {
        double first = row.First.P50;
        double second = row.Peer!.P50;
        double scale = BarWidth / Math.Max(first, second);
        Text(svg, LabelWidth - 10, y + 17, $"{row.First.Name} ({row.First.Unit})", "text-anchor=\"end\"");
        Bar(svg, y + 2, first * scale, "#2563a8", Table.Number(first));
        Bar(svg, y + 15, second * scale, "#c4c9d0", Table.Number(second));
        Text(svg, LabelWidth + BarWidth + 70, y + 17, string.Create(CultureInfo.InvariantCulture, $"{row.Advantage:F1} x better"), "fill=\"#333\"");
    }

    private static void Bar(StringBuilder svg, int y, double width, string colour, string label)
    {
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{LabelWidth}\" y=\"{y}\" width=\"{Math.Max(width, 1):F1}\" height=\"11\" fill=\"{colour}\"/>");
        Text(svg, LabelWidth + (int)width + 5, y + 10, label, "font-size=\"10\" fill=\"#555\"");
    }

    private static void Legend(StringBuilder svg, int x, string colour, string label)
    {
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"38\" width=\"12\" height=\"12\" fill=\"{colour}\"/>");
        Text(svg, x + 18, 48, label, "");
    }

    private static void Text(StringBuilder svg, int x, int y, string text, string attributes) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" {attributes}>{SecurityElement.Escape(text)}</text>");
}
