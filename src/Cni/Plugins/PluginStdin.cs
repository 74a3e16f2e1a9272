using System.Buffers;
using System.Text.Json;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Plugins;

/// <summary>The configuration one plugin reads (CNI spec section 3, "Deriving execution configuration from plugin configuration").</summary>
internal static class PluginStdin
{
    /// <summary>The plugin's object with the list's name and version, the runtimeConfig it declared, and the result before it.</summary>
    internal static ReadOnlyMemory<byte> Compose(NetworkConfig network, PluginConfig plugin, JsonElement? capabilities = null, JsonElement? previousResult = null)
    {
        bool runtimeConfig = capabilities is { } offered && JsonText.HasAny(offered, plugin.Capabilities);
        return Write(network, plugin, Overrides, writer =>
        {
            if (runtimeConfig)
                WriteRuntimeConfig(writer, plugin, capabilities!.Value);
            if (previousResult is { } result)
            {
                writer.WritePropertyName("prevResult");
                result.WriteTo(writer);
            }
        });

        bool Overrides(string key) => (key == "runtimeConfig" && runtimeConfig) || (key == "prevResult" && previousResult is not null);
    }

    /// <summary>The object for GC (spec section 3, "GC: Clean up any stale resources").</summary>
    internal static ReadOnlyMemory<byte> ComposeGc(NetworkConfig network, PluginConfig plugin, IReadOnlyCollection<CniAttachmentId> valid)
    {
        return Write(network, plugin, key => key is "cni.dev/valid-attachments" or "cni.dev/attachments", writer =>
        {
            WriteAttachments(writer, "cni.dev/valid-attachments", valid);
            // The first text of the specification called it so; libcni writes both.
            WriteAttachments(writer, "cni.dev/attachments", valid);
        });
    }

    private static ReadOnlyMemory<byte> Write(NetworkConfig network, PluginConfig plugin, Func<string, bool> overrides, Action<Utf8JsonWriter> writeRest)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cniVersion", network.Version.ToString());
            writer.WriteString("name", network.Name);
            foreach (JsonProperty member in plugin.Json.EnumerateObject())
            {
                if (member.Name is not ("cniVersion" or "cniVersions" or "name") && !overrides(member.Name))
                    member.WriteTo(writer);
            }

            writeRest(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteRuntimeConfig(Utf8JsonWriter writer, PluginConfig plugin, JsonElement capabilities)
    {
        writer.WriteStartObject("runtimeConfig");
        foreach (JsonProperty capability in capabilities.EnumerateObject())
        {
            if (plugin.Capabilities.Contains(capability.Name))
                capability.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteAttachments(Utf8JsonWriter writer, string key, IReadOnlyCollection<CniAttachmentId> attachments)
    {
        writer.WriteStartArray(key);
        foreach (CniAttachmentId attachment in attachments)
        {
            writer.WriteStartObject();
            writer.WriteString("containerID", attachment.ContainerId);
            writer.WriteString("ifname", attachment.IfName);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
