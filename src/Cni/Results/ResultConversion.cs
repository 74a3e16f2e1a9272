using System.Buffers;
using System.Text.Json;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Results;

/// <summary>
/// Rewrites a result for another version of the specification. Three shapes exist: up to 0.2.0 (<c>ip4</c>, <c>ip6</c>),
/// 0.3.0 to 0.4.0 (<c>ips</c> with a <c>version</c> each), and from 1.0.0 (without it).
/// </summary>
internal static class ResultConversion
{
    private static readonly string[] LegacyFamilies = ["ip4", "ip6"];

    /// <summary>The version a result says it has.</summary>
    internal static CniVersion VersionOf(JsonElement result) =>
        result.TryGetProperty("cniVersion", out JsonElement text) && text.ValueKind == JsonValueKind.String && CniVersion.TryParse(text.GetString(), out CniVersion version)
            ? version
            : CniVersion.Oldest;

    /// <summary>The result as <paramref name="target"/> writes it. Down to before 0.3.0 nothing is converted: no plugin reads a result there.</summary>
    /// <exception cref="FormatException">The object is no result.</exception>
    internal static JsonElement Convert(JsonElement result, CniVersion target)
    {
        if (result.ValueKind != JsonValueKind.Object)
            throw new FormatException("the result is no JSON object");
        CniVersion source = VersionOf(result);
        if (source == target || target < CniVersion.WithInterfaces)
            return result;
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cniVersion", target.ToString());
            bool hasIps = result.TryGetProperty("ips", out _);
            foreach (JsonProperty member in result.EnumerateObject())
                WriteMember(writer, member, target, legacy: !hasIps);
            if (!hasIps)
                WriteLegacy(writer, result, target);
            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static void WriteMember(Utf8JsonWriter writer, JsonProperty member, CniVersion target, bool legacy)
    {
        if (member.Name == "cniVersion" || (legacy && member.Name is "ip4" or "ip6" or "routes"))
            return;
        if (member.Name != "ips" || member.Value.ValueKind != JsonValueKind.Array)
        {
            member.WriteTo(writer);
            return;
        }

        writer.WriteStartArray("ips");
        foreach (JsonElement ip in member.Value.EnumerateArray())
            WriteAddress(writer, ip, target);
        writer.WriteEndArray();
    }

    private static void WriteAddress(Utf8JsonWriter writer, JsonElement ip, CniVersion target)
    {
        if (ip.ValueKind != JsonValueKind.Object)
            throw new FormatException("ips has an entry that is no object");
        string address = ip.TryGetProperty("address", out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
        writer.WriteStartObject();
        if (target < CniVersion.WithoutIpVersion)
            writer.WriteString("version", address.Contains(':') ? "6" : "4");
        foreach (JsonProperty member in ip.EnumerateObject())
        {
            if (member.Name != "version")
                member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary><c>ip4</c> and <c>ip6</c>, each with its own routes, as <c>ips</c> and <c>routes</c>.</summary>
    private static void WriteLegacy(Utf8JsonWriter writer, JsonElement result, CniVersion target)
    {
        JsonElement[] families = [.. LegacyFamilies
            .Select(key => result.TryGetProperty(key, out JsonElement family) ? family : default)
            .Where(family => family.ValueKind == JsonValueKind.Object)];
        if (families.Length > 0)
        {
            writer.WriteStartArray("ips");
            foreach (JsonElement family in families)
                WriteLegacyAddress(writer, family, target);
            writer.WriteEndArray();
        }

        writer.WriteStartArray("routes");
        foreach (JsonElement owner in families.Append(result))
        {
            if (owner.TryGetProperty("routes", out JsonElement routes) && routes.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement route in routes.EnumerateArray())
                    route.WriteTo(writer);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteLegacyAddress(Utf8JsonWriter writer, JsonElement family, CniVersion target)
    {
        string address = family.TryGetProperty("ip", out JsonElement ip) && ip.ValueKind == JsonValueKind.String ? ip.GetString()! : "";
        writer.WriteStartObject();
        if (target < CniVersion.WithoutIpVersion)
            writer.WriteString("version", address.Contains(':') ? "6" : "4");
        writer.WriteString("address", address);
        if (family.TryGetProperty("gateway", out JsonElement gateway))
        {
            writer.WritePropertyName("gateway");
            gateway.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
