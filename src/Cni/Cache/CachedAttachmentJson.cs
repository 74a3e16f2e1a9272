using System.Buffers;
using System.Text.Json;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Cache;

/// <summary>libcni's cache file format, kind <c>cniCacheV1</c>. <c>result</c> is absent from the start of ADD to its success.</summary>
internal static class CachedAttachmentJson
{
    private const string Kind = "cniCacheV1";

    internal static ReadOnlyMemory<byte> Write(CachedAttachment cached)
    {
        Attachment attachment = cached.Attachment;
        ArrayBufferWriter<byte> buffer = new(4096);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Kind);
            writer.WriteString("containerId", attachment.ContainerId);
            writer.WriteBase64String("config", cached.Network.Json.Span);
            writer.WriteString("ifName", attachment.IfName);
            writer.WriteString("networkName", cached.Network.Name);
            if (attachment.Netns.Length > 0)
                writer.WriteString("netns", attachment.Netns);
            WriteArguments(writer, attachment.Arguments);
            if (attachment.Capabilities.EnumerateObject().Any())
            {
                writer.WritePropertyName("capabilityArgs");
                attachment.Capabilities.WriteTo(writer);
            }

            if (cached.Result is { } result)
            {
                writer.WritePropertyName("result");
                result.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Reads a file's content.</summary>
    /// <exception cref="FormatException">It is not an attachment that can be deleted by it.</exception>
    internal static CachedAttachment Read(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object || Text(root, "kind") != Kind)
                throw new FormatException($"not of kind {Kind}");
            string containerId = Text(root, "containerId");
            string ifName = Text(root, "ifName");
            if (!CniNames.IsIdentifier(containerId) || !CniNames.IsInterfaceName(ifName))
                throw new FormatException("containerId or ifName is missing or malformed");
            NetworkConfig network = NetworkConfigParser.ParseList(root.GetProperty("config").GetBytesFromBase64(), source);
            List<KeyValuePair<string, string>> arguments = ReadArguments(root);
            JsonElement? result = root.TryGetProperty("result", out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;
            JsonElement capabilities = root.TryGetProperty("capabilityArgs", out JsonElement args) && args.ValueKind == JsonValueKind.Object
                ? args
                : NetworkConfigParser.ParseObject("{}"u8.ToArray());
            Attachment attachment = new(containerId, Text(root, "netns"), ifName, arguments, capabilities, PodOf(arguments, containerId));
            return new CachedAttachment(network, attachment, result);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or NetworkConfigException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static void WriteArguments(Utf8JsonWriter writer, IReadOnlyList<KeyValuePair<string, string>> arguments)
    {
        writer.WriteStartArray("cniArgs");
        foreach ((string key, string value) in arguments)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(key);
            writer.WriteStringValue(value);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static List<KeyValuePair<string, string>> ReadArguments(JsonElement root)
    {
        List<KeyValuePair<string, string>> arguments = [];
        if (!root.TryGetProperty("cniArgs", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return arguments;
        foreach (JsonElement pair in list.EnumerateArray())
        {
            if (pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2)
                arguments.Add(new(pair[0].GetString() ?? "", pair[1].GetString() ?? ""));
        }

        return arguments;
    }

    private static string PodOf(List<KeyValuePair<string, string>> arguments, string containerId)
    {
        string Value(string key) => arguments.Find(argument => argument.Key == key).Value ?? "";
        string name = Value("K8S_POD_NAME");
        return name.Length > 0 ? $"{Value("K8S_POD_NAMESPACE")}/{name}" : containerId;
    }

    private static string Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
