using System.Globalization;
using CriRuntime.Oci.Lifecycle;

namespace CriRuntime.OciCli.Commands;

/// <summary>list: the containers of the root directory.</summary>
internal static class ListCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, ["--quiet|-q"], ["--format|-f"], operands: int.MaxValue);
        string format = given.Value("--format") ?? "table";
        List<ContainerReport> reports = [.. options.Store.List().Select(id => Container.Open(options.Store, id).Report())];
        if (given.Has("--quiet"))
            reports.ForEach(static report => Output.Line(report.Id));
        else if (format == "json")
            Output.Line(ContainerReports.Json(reports));
        else if (format == "table")
            PrintTable(reports);
        else
            throw new UsageException($"--format {format}: only table and json are known");
        return 0;
    }

    private static void PrintTable(List<ContainerReport> reports)
    {
        int width = Math.Max(12, reports.Count == 0 ? 0 : reports.Max(static r => r.Id.Length));
        Output.Line($"{"ID".PadRight(width)} {"PID",-11} {"STATUS",-11} BUNDLE");
        foreach (ContainerReport report in reports)
            Output.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Id.PadRight(width)} {report.Pid,-11} {report.Status,-11} {report.Bundle}"));
    }
}
