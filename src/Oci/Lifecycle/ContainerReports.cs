using System.Text.Json;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>Reports as JSON, in runc's form.</summary>
public static class ContainerReports
{
    public static string Json(ContainerReport report) => JsonSerializer.Serialize(report, LifecycleJson.Default.ContainerReport);

    public static string Json(IReadOnlyList<ContainerReport> reports) => JsonSerializer.Serialize(reports, LifecycleJson.Default.IReadOnlyListContainerReport);
}
