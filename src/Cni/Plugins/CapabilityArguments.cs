using System.Buffers;
using System.Text.Json;

namespace CriRuntime.Cni.Plugins;

/// <summary>What a pod asks of its network, as the object of well-known capabilities (CNI conventions, "Dynamic Plugin specific fields").</summary>
internal static class CapabilityArguments
{
    private static readonly JsonElement Empty = ParseEmpty();

    /// <summary>An object with one member per capability that the pod uses.</summary>
    internal static JsonElement Of(PodAttachment pod)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            WritePortMappings(writer, pod.PortMappings);
            if (pod.Bandwidth is { } bandwidth)
                WriteBandwidth(writer, bandwidth);
            if (pod.Dns is { } dns)
                WriteDns(writer, dns);
            WriteStrings(writer, "ips", pod.Ips);
            if (!string.IsNullOrEmpty(pod.Mac))
                writer.WriteString("mac", pod.Mac);
            WriteStrings(writer, "aliases", pod.Aliases);
            if (!string.IsNullOrEmpty(pod.CgroupPath))
                writer.WriteString("cgroupPath", pod.CgroupPath);
            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return buffer.WrittenCount == 2 ? Empty : JsonElement.ParseValue(ref reader);
    }

    private static void WritePortMappings(Utf8JsonWriter writer, IReadOnlyList<PortMapping> mappings)
    {
        if (!mappings.Any(mapping => mapping.HostPort > 0))
            return;
        writer.WriteStartArray("portMappings");
        foreach (PortMapping mapping in mappings.Where(mapping => mapping.HostPort > 0))
        {
            writer.WriteStartObject();
            writer.WriteNumber("hostPort", mapping.HostPort);
            writer.WriteNumber("containerPort", mapping.ContainerPort);
            writer.WriteString("protocol", mapping.Protocol);
            writer.WriteString("hostIP", mapping.HostIp);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteBandwidth(Utf8JsonWriter writer, BandwidthLimits bandwidth)
    {
        writer.WriteStartObject("bandwidth");
        writer.WriteNumber("ingressRate", bandwidth.IngressRate);
        writer.WriteNumber("ingressBurst", bandwidth.IngressBurst);
        writer.WriteNumber("egressRate", bandwidth.EgressRate);
        writer.WriteNumber("egressBurst", bandwidth.EgressBurst);
        writer.WriteEndObject();
    }

    private static void WriteDns(Utf8JsonWriter writer, DnsSettings dns)
    {
        writer.WriteStartObject("dns");
        WriteStrings(writer, "servers", dns.Servers);
        WriteStrings(writer, "searches", dns.Searches);
        WriteStrings(writer, "options", dns.Options);
        writer.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter writer, string key, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(key);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static JsonElement ParseEmpty()
    {
        Utf8JsonReader reader = new("{}"u8);
        return JsonElement.ParseValue(ref reader);
    }
}
