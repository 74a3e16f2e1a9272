using System.Globalization;
using CriRuntime.Oci.Planning;

namespace CriRuntime.CriServer.Specs;

/// <summary>The kernel's capabilities as the CRI's requests name them; the table is the OCI runtime's.</summary>
public static class CapabilityNames
{
    public static IReadOnlyList<string> All => Capabilities.All;

    /// <summary>Those in a mask as /proc/PID/status prints it (hexadecimal).</summary>
    public static IReadOnlyList<string> FromMask(string hexadecimal) =>
        Capabilities.FromMask(ulong.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
