using System.Diagnostics.CodeAnalysis;

namespace CriRuntime.Cni.Configuration;

/// <summary>A version of the CNI specification.</summary>
internal readonly record struct CniVersion(int Major, int Minor, int Patch) : IComparable<CniVersion>
{
    /// <summary>What a configuration or result without <c>cniVersion</c> means.</summary>
    internal static readonly CniVersion Oldest = new(0, 1, 0);

    /// <summary>The first version whose results list <c>interfaces</c> and <c>ips</c>.</summary>
    internal static readonly CniVersion WithInterfaces = new(0, 3, 0);

    /// <summary>The first version with CHECK, and with prevResult on DEL.</summary>
    internal static readonly CniVersion WithCheck = new(0, 4, 0);

    /// <summary>The first version whose <c>ips</c> have no <c>version</c> of their own.</summary>
    internal static readonly CniVersion WithoutIpVersion = new(1, 0, 0);

    /// <summary>The first version with GC and STATUS, and the newest one spoken here.</summary>
    internal static readonly CniVersion WithGcAndStatus = new(1, 1, 0);

    internal static readonly IReadOnlyList<CniVersion> Supported =
        [Oldest, new(0, 2, 0), WithInterfaces, new(0, 3, 1), WithCheck, WithoutIpVersion, WithGcAndStatus];

    internal bool IsSupported => Supported.Contains(this);

    public static bool operator <(CniVersion left, CniVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(CniVersion left, CniVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(CniVersion left, CniVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(CniVersion left, CniVersion right) => left.CompareTo(right) >= 0;

    internal static bool TryParse([NotNullWhen(true)] string? text, out CniVersion version)
    {
        version = default;
        string[] parts = text?.Split('.') ?? [];
        if (parts.Length != 3 || !int.TryParse(parts[0], out int major) || !int.TryParse(parts[1], out int minor) || !int.TryParse(parts[2], out int patch))
            return false;
        version = new CniVersion(major, minor, patch);
        return major >= 0 && minor >= 0 && patch >= 0;
    }

    public int CompareTo(CniVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
