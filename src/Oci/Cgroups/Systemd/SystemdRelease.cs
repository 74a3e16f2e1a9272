using System.Globalization;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>Systemd's version as a number, by which its properties differ.</summary>
public static class SystemdRelease
{
    /// <summary>The first version with AllowedCPUs; every distribution with pure cgroup v2 and Linux 5.15 has a newer one.</summary>
    public const int Oldest = 244;

    /// <summary>The number at the beginning of e.g. <c>252.39-1~deb12u2</c> or <c>v256</c>; 0 where there is none.</summary>
    public static int Parse(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart('v');
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(digits < 0 ? rest : rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : 0;
    }
}
