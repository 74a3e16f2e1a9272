using System.Globalization;
using CriRuntime.CriServer.Observability.Tracing;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>A daemon whose calls are traced, with what its exporter logs and counts.</summary>
internal sealed class ExportingDaemon : IDisposable
{
    internal Daemon Daemon { get; } = new();

    internal LineLog Log { get; } = new();

    internal TracedCall Call { get; } = new();

    public void Dispose() => Daemon.Dispose();

    /// <summary>By HTTP, in a hurry.</summary>
    internal async Task<Exporter> StartAsync(Uri collector, Func<TracingSettings, TracingSettings>? change = null)
    {
        TracingSettings settings = new()
        {
            Target = new Uri(collector, "v1/traces"),
            Interval = TimeSpan.FromMilliseconds(1),
            FirstPause = TimeSpan.FromMilliseconds(1),
        };
        TraceExporter exporter = new(change?.Invoke(settings) ?? settings, Daemon.Telemetry, TimeProvider.System, Log.CreateLogger<TraceExporter>());
        await exporter.StartAsync(default);
        return new Exporter(exporter);
    }

    internal long Metric(string series)
    {
        string? line = Exposition.Of(Daemon.Telemetry).Split('\n').FirstOrDefault(line => line.StartsWith(series, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    internal Task UntilSentAsync(int spans) => UntilAsync(() => Metric("criruntime_trace_spans_sent_total") == spans);

    internal Task UntilDroppedAsync(int spans, string reason) =>
        UntilAsync(() => Metric($"criruntime_trace_spans_dropped_total{{reason=\"{reason}\"}}") == spans);

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    /// <summary>Stops as the host does.</summary>
    internal sealed class Exporter(TraceExporter exporter) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await exporter.StopAsync(default);
            exporter.Dispose();
        }
    }
}
