using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Network;

/// <summary>The kubelet's pod subnets: comma-separated, at most one for each address family.</summary>
public static class PodCidrs
{
    /// <returns>None for an empty text: the node has no subnet yet.</returns>
    /// <exception cref="CriException">InvalidArgument: one is no subnet, or a family comes twice.</exception>
    public static IReadOnlyList<IPNetwork> Parse(string text)
    {
        List<IPNetwork> cidrs = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Subnet(part) is not IPNetwork cidr)
                throw CriException.InvalidArgument($"runtime_config.network_config.pod_cidr: \"{part}\" is no subnet such as 10.244.1.0/24 or fd00:10:244:1::/64");
            AddressFamily family = cidr.BaseAddress.AddressFamily;
            foreach (IPNetwork other in cidrs)
            {
                if (other.BaseAddress.AddressFamily == family)
                    throw CriException.InvalidArgument($"runtime_config.network_config.pod_cidr: {other} and {part} are of one address family; a node has one subnet of each");
            }

            cidrs.Add(cidr);
        }

        return cidrs;
    }

    /// <summary>As the kubelet's own language does it: a prefix length is required, and bits beyond it are cleared.</summary>
    private static IPNetwork? Subnet(string text)
    {
        if (text.Split('/') is not [string host, string bits] || !IPAddress.TryParse(host, out IPAddress? address)
            || !byte.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out byte prefix))
            return null;
        byte[] bytes = address.GetAddressBytes();
        if (prefix > bytes.Length * 8)
            return null;
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(prefix - (8 * i), 0, 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
