using System.Text;
using System.Text.Json;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>Reports as JSON, in runc's form.</summary>
public static class ContainerReports
{
    public static string Json(ContainerReport report) => Write(json => Write(json, report));

    public static string Json(IReadOnlyList<ContainerReport> reports) => Write(json =>
    {
        json.WriteStartArray();
        foreach (ContainerReport report in reports)
            Write(json, report);
        json.WriteEndArray();
    });

    private static string Write(Action<Utf8JsonWriter> content)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true }))
            content(json);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static void Write(Utf8JsonWriter json, ContainerReport report)
    {
        json.WriteStartObject();
        json.WriteString("ociVersion"u8, report.OciVersion);
        json.WriteString("id"u8, report.Id);
        json.WriteNumber("pid"u8, report.Pid);
        json.WriteString("status"u8, report.Status);
        json.WriteString("bundle"u8, report.Bundle);
        json.WriteString("rootfs"u8, report.Rootfs);
        json.WriteString("created"u8, report.Created);
        if (report.Annotations is not null)
            SpecJson.WriteStrings(json, "annotations", report.Annotations);
        json.WriteString("owner"u8, report.Owner);
        json.WriteEndObject();
    }
}
