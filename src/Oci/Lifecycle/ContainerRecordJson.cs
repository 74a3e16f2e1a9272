using System.Buffers;
using System.Text.Json;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>Records as JSON, without the serializer, whose start costs more than the whole of it.</summary>
internal static class ContainerRecordJson
{
    internal static ReadOnlyMemory<byte> Write(ContainerRecord record)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, record.Version);
            json.WriteString("id"u8, record.Id);
            json.WriteString("ociVersion"u8, record.OciVersion);
            json.WriteNumber("pid"u8, record.Pid);
            json.WriteNumber("startTime"u8, record.StartTime);
            json.WriteString("bundle"u8, record.Bundle);
            json.WriteString("rootfs"u8, record.Rootfs);
            json.WriteString("created"u8, record.Created);
            json.WriteString("cgroupsPath"u8, record.CgroupsPath);
            if (record.Scope is not null)
                json.WriteString("scope"u8, record.Scope);
            json.WriteStartArray("resctrlDirectories"u8);
            foreach (string directory in record.ResctrlDirectories)
                json.WriteStringValue(directory);
            json.WriteEndArray();
            json.WriteBoolean("hasHooks"u8, record.HasHooks);
            if (record.Annotations is not null)
                SpecJson.WriteStrings(json, "annotations", record.Annotations);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <exception cref="JsonException">A field is missing, or not what it should be.</exception>
    internal static ContainerRecord Read(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8Json.ToArray());
            JsonElement record = document.RootElement;
            return new ContainerRecord
            {
                Version = record.GetProperty("version"u8).GetInt32(),
                Id = Text(record, "id"u8),
                OciVersion = Text(record, "ociVersion"u8),
                Pid = record.GetProperty("pid"u8).GetInt32(),
                StartTime = record.GetProperty("startTime"u8).GetInt64(),
                Bundle = Text(record, "bundle"u8),
                Rootfs = Text(record, "rootfs"u8),
                Created = record.GetProperty("created"u8).GetDateTimeOffset(),
                CgroupsPath = Text(record, "cgroupsPath"u8),
                Scope = record.TryGetProperty("scope"u8, out JsonElement scope) ? scope.GetString() : null,
                ResctrlDirectories = record.TryGetProperty("resctrlDirectories"u8, out JsonElement directories) ? List(directories) : [],
                HasHooks = record.TryGetProperty("hasHooks"u8, out JsonElement hooks) && hooks.GetBoolean(),
                Annotations = record.TryGetProperty("annotations"u8, out JsonElement annotations) ? Strings(annotations) : null,
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("a field is missing, or not what it should be", e);
        }
    }

    private static string Text(JsonElement record, ReadOnlySpan<byte> name) => record.GetProperty(name).GetString() ?? throw new FormatException();

    private static List<string> List(JsonElement values)
    {
        List<string> strings = [];
        foreach (JsonElement value in values.EnumerateArray())
            strings.Add(value.GetString() ?? throw new FormatException());
        return strings;
    }

    private static Dictionary<string, string> Strings(JsonElement values)
    {
        Dictionary<string, string> strings = new(StringComparer.Ordinal);
        foreach (JsonProperty value in values.EnumerateObject())
            strings[value.Name] = value.Value.GetString() ?? "";
        return strings;
    }
}
