using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CriRuntime.Images.References;

/// <summary>A registry's <c>host[:port]</c>: DNS labels, an IPv4 address, or an IPv6 address in brackets.</summary>
internal static class DomainGrammar
{
    public static bool IsDomain(ReadOnlySpan<char> domain)
    {
        int bracket = domain.LastIndexOf(']');
        int colon = domain[(bracket + 1)..].IndexOf(':');
        if (colon >= 0)
        {
            colon += bracket + 1;
            if (!IsPort(domain[(colon + 1)..]))
                return false;
            domain = domain[..colon];
        }
        return domain is ['[', .. var address, ']'] ? IsIPv6(address) : IsHostName(domain);
    }

    private static bool IsPort(ReadOnlySpan<char> port) =>
        port.Length is > 0 and <= 5
        && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
        && number > 0;

    private static bool IsIPv6(ReadOnlySpan<char> address) =>
        !address.ContainsAnyExcept(Alphabet.IPv6)
        && IPAddress.TryParse(address, out IPAddress? ip)
        && ip.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool IsHostName(ReadOnlySpan<char> host)
    {
        foreach (Range part in host.Split('.'))
        {
            ReadOnlySpan<char> label = host[part];
            if (label.IsEmpty || label.ContainsAnyExcept(Alphabet.HostLabel) || label[0] == '-' || label[^1] == '-')
                return false;
        }
        return true;
    }
}
