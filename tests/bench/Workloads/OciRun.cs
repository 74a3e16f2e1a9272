using System.Diagnostics;
using System.Globalization;
using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// <c>RUNTIME run</c> of a bundle whose process is /bin/true, several runtimes in turn (A B A B ...), so that a drift of the
/// machine's speed meets all of them. Peak memory is GNU time's, of runs of their own.
/// </summary>
internal static class OciRun
{
    internal static async Task RunAsync(IReadOnlyDictionary<string, Result> byRuntime, string bundle, int count)
    {
        Dictionary<string, Samples> samples = byRuntime.Keys.ToDictionary(runtime => runtime, _ => new Samples());
        for (int i = -2; i < count; i++)
        {
            foreach (string runtime in byRuntime.Keys)
            {
                Samples into = i < 0 ? new Samples() : samples[runtime];
                await into.TimeAsync(() => RunOnceAsync(runtime, ["run", "--bundle", bundle, Name()]));
            }
        }

        foreach ((string runtime, Result result) in byRuntime)
        {
            result.Add("OCI run of /bin/true", samples[runtime].Distribution());
            result.Add("OCI run, peak RSS", "MB", await PeakRssAsync(runtime, bundle));
        }
    }

    private static async Task<double> PeakRssAsync(string runtime, string bundle)
    {
        List<double> peaks = [];
        for (int i = 0; i < 5; i++)
        {
            string output = await RunOnceAsync("/usr/bin/time", ["-f", "%M", runtime, "run", "--bundle", bundle, Name()]);
            peaks.Add(double.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture) / 1024);
        }

        return Samples.Quantile([.. peaks.Order()], 0.5);
    }

    private static string Name() => "bench-" + Guid.NewGuid().ToString("n")[..12];

    private static async Task<string> RunOnceAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? error
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {error}");
    }
}
