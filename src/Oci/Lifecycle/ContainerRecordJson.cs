using System.Buffers;
using System.Text.Json;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>Writes a record without the serializer, whose start costs more than the whole of it; it is read with the serializer.</summary>
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
            json.WriteBoolean("hasHooks"u8, record.HasHooks);
            WriteAnnotations(json, record);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void WriteAnnotations(Utf8JsonWriter json, ContainerRecord record)
    {
        if (record.Annotations is null)
            return;
        json.WriteStartObject("annotations"u8);
        foreach ((string key, string value) in record.Annotations)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
