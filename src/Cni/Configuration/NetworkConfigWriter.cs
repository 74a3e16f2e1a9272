using System.Buffers;
using System.Text.Json;

namespace CriRuntime.Cni.Configuration;

/// <summary>Writes a list with every plugin inlined, so that it can be read again without the directory it came from.</summary>
internal static class NetworkConfigWriter
{
    internal static ReadOnlyMemory<byte> Write(string name, CniVersion version, bool disableCheck, bool disableGc, IReadOnlyList<JsonElement> plugins)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cniVersion", version.ToString());
            writer.WriteString("name", name);
            if (disableCheck)
                writer.WriteBoolean("disableCheck", true);
            if (disableGc)
                writer.WriteBoolean("disableGC", true);
            writer.WriteBoolean("loadOnlyInlinedPlugins", true);
            writer.WriteStartArray("plugins");
            foreach (JsonElement plugin in plugins)
                plugin.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
