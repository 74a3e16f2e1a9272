using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.Cni.Configuration;

/// <summary>
/// A network configuration with places for what the cluster gives a node: a .conflist in which these strings, as whole values, stand for
/// <list type="bullet">
/// <item><c>"{{.PodCIDR}}"</c>: the node's first pod subnet, as a string;</item>
/// <item><c>"{{.PodCIDRRanges}}"</c>: all of them as host-local's <c>ranges</c>, one range set each;</item>
/// <item><c>"{{.Routes}}"</c>: a default route for each address family, as host-local's <c>routes</c>.</item>
/// </list>
/// It is filled in as JSON, so that no value can change the document's structure.
/// </summary>
public static class NetworkTemplate
{
    /// <param name="template">UTF-8 JSON, comments allowed.</param>
    /// <param name="podCidrs">At least one.</param>
    /// <returns>A .conflist that a <see cref="CniNetworks"/> accepts.</returns>
    /// <exception cref="FormatException">The template is no JSON, has an unknown place, or what it gives is no network configuration; says which.</exception>
    public static byte[] Fill(ReadOnlySpan<byte> template, IReadOnlyList<IPNetwork> podCidrs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(podCidrs.Count);
        try
        {
            JsonNode? root = JsonNode.Parse(template, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            byte[] filled = Encoding.UTF8.GetBytes(Filled(root, podCidrs)?.ToJsonString() ?? "null");
            NetworkConfigParser.ParseList(filled, "");
            return filled;
        }
        catch (Exception e) when (e is JsonException or NetworkConfigException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static JsonNode? Filled(JsonNode? node, IReadOnlyList<IPNetwork> podCidrs)
    {
        switch (node)
        {
            case JsonObject members:
                JsonObject copy = [];
                foreach ((string name, JsonNode? value) in members)
                    copy[name] = Filled(value, podCidrs);
                return copy;
            case JsonArray items:
                JsonArray list = [];
                foreach (JsonNode? item in items)
                    list.Add(Filled(item, podCidrs));
                return list;
            case JsonValue value when value.TryGetValue(out string? text):
                return Place(text, podCidrs);
            default:
                return node?.DeepClone();
        }
    }

    private static JsonNode Place(string text, IReadOnlyList<IPNetwork> podCidrs)
    {
        switch (text)
        {
            case "{{.PodCIDR}}":
                return JsonValue.Create(podCidrs[0].ToString());
            case "{{.PodCIDRRanges}}":
                JsonArray ranges = [];
                foreach (IPNetwork cidr in podCidrs)
                    ranges.Add((JsonNode)new JsonArray(new JsonObject { ["subnet"] = cidr.ToString() }));
                return ranges;
            case "{{.Routes}}":
                JsonArray routes = [];
                foreach (AddressFamily family in podCidrs.Select(cidr => cidr.BaseAddress.AddressFamily).Distinct())
                    routes.Add((JsonNode)new JsonObject { ["dst"] = family == AddressFamily.InterNetworkV6 ? "::/0" : "0.0.0.0/0" });
                return routes;
            case not null when text.Contains("{{", StringComparison.Ordinal):
                throw new FormatException($"\"{text}\" is no place that can be filled in; there are \"{{{{.PodCIDR}}}}\", \"{{{{.PodCIDRRanges}}}}\" and \"{{{{.Routes}}}}\", each a whole string");
            default:
                return JsonValue.Create(text)!;
        }
    }
}
