using System.Net;
using System.Text.Json;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Results;

/// <summary>A result object's JSON to <see cref="CniResult"/>, for every version of the specification.</summary>
internal static class ResultReader
{
    /// <exception cref="FormatException">The object is not a CNI result; the message says where.</exception>
    internal static CniResult Read(JsonElement result, string network)
    {
        JsonElement root = ResultConversion.Convert(result, CniVersion.WithGcAndStatus);
        CniInterface[] interfaces = [.. Items(root, "interfaces").Select(ReadInterface)];
        CniAddress[] ips = [.. Items(root, "ips").Select(ip => ReadAddress(ip, interfaces.Length))];
        return new CniResult
        {
            Network = network,
            Interfaces = interfaces,
            Ips = ips,
            Routes = [.. Items(root, "routes").Select(ReadRoute)],
            Dns = ReadDns(root),
            Json = result.GetRawText(),
        };
    }

    private static CniInterface ReadInterface(JsonElement entry)
    {
        RequireObject(entry, "interfaces");
        int mtu = entry.TryGetProperty("mtu", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : 0;
        return new CniInterface(Text(entry, "name"), Text(entry, "mac"), Text(entry, "sandbox"), mtu);
    }

    private static CniAddress ReadAddress(JsonElement entry, int interfaceCount)
    {
        RequireObject(entry, "ips");
        string text = Text(entry, "address");
        if (!IPNetworkText.TryParse(text, out IPAddress? address, out int prefix))
            throw new FormatException($"ips has the address \"{CniNames.Printable(text, 60)}\", which is no address/prefix");
        int? index = null;
        if (entry.TryGetProperty("interface", out JsonElement value) && value.ValueKind != JsonValueKind.Null)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number))
                throw new FormatException("ips has an interface that is no number");
            // Plugins have written -1 for "none".
            index = number < 0 ? null : number;
            if (number >= interfaceCount)
                throw new FormatException($"ips refers to interface {number} of {interfaceCount}");
        }

        return new CniAddress(address, prefix, Gateway(entry, "gateway"), index);
    }

    private static CniRoute ReadRoute(JsonElement entry)
    {
        RequireObject(entry, "routes");
        string destination = Text(entry, "dst");
        return IPNetworkText.TryParse(destination, out _, out _)
            ? new CniRoute(destination, Gateway(entry, "gw"))
            : throw new FormatException($"routes has the destination \"{CniNames.Printable(destination, 60)}\", which is no address/prefix");
    }

    private static CniDns ReadDns(JsonElement root)
    {
        if (!root.TryGetProperty("dns", out JsonElement dns) || dns.ValueKind != JsonValueKind.Object)
            return new CniDns([], "", [], []);
        return new CniDns(Texts(dns, "nameservers"), Text(dns, "domain"), Texts(dns, "search"), Texts(dns, "options"));
    }

    private static IPAddress? Gateway(JsonElement entry, string key)
    {
        string text = Text(entry, key);
        if (text.Length == 0)
            return null;
        return IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw new FormatException($"\"{CniNames.Printable(text, 60)}\" is no gateway address");
    }

    private static string[] Texts(JsonElement parent, string key) =>
        [.. Items(parent, key).Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new FormatException($"{key} has an entry that is no string"))];

    private static JsonElement[] Items(JsonElement parent, string key)
    {
        if (!parent.TryGetProperty(key, out JsonElement items) || items.ValueKind == JsonValueKind.Null)
            return [];
        return items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : throw new FormatException($"{key} is no list");
    }

    private static string Text(JsonElement parent, string key)
    {
        if (!parent.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return "";
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"{key} is no string");
    }

    private static void RequireObject(JsonElement entry, string list)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{list} has an entry that is no object");
    }
}
