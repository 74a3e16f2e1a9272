using System.Text;
using CriRuntime.CriServer.Observability;

namespace CriRuntime.CriServer.Tests.Observability;

/// <summary>What Prometheus would read.</summary>
internal static class Exposition
{
    internal static string Of(Telemetry telemetry)
    {
        StringBuilder text = new();
        foreach (IMetric metric in telemetry.Metrics)
            metric.WriteTo(text);
        return text.ToString();
    }
}
