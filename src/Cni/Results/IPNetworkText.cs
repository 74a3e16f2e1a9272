using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CriRuntime.Cni.Results;

/// <summary><c>address/prefix</c> where the address keeps its host bits, which <see cref="IPNetwork"/> refuses.</summary>
internal static class IPNetworkText
{
    internal static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address, out int prefixLength)
    {
        address = null;
        prefixLength = 0;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? parsed))
            return false;
        int bits = parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength) || prefixLength > bits)
            return false;
        address = parsed;
        return true;
    }
}
