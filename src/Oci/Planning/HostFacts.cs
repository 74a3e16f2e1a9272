using System.Globalization;
using CriRuntime.Linux.Launching;

namespace CriRuntime.Oci.Planning;

/// <summary>What a plan depends on besides the specification. Given to the planner, so that planning stays a pure function.</summary>
public sealed record HostFacts
{
    /// <summary>The kernel's version (uname -r), which decides between mount interfaces.</summary>
    public required Version Kernel { get; init; }

    /// <summary>The capabilities that the runtime itself may hand out, a bit each.</summary>
    public required ulong Capabilities { get; init; }

    /// <summary>The highest capability that the kernel knows.</summary>
    public required int LastCapability { get; init; }

    /// <summary>AppArmor is in force.</summary>
    public bool AppArmor { get; init; }

    /// <summary>SELinux is in force.</summary>
    public bool SELinux { get; init; }

    /// <summary>A kernel and a root user with everything: for tests.</summary>
    public static HostFacts Complete { get; } = new() { Kernel = new Version(6, 12), Capabilities = (1UL << 41) - 1, LastCapability = 40 };

    /// <summary>overlayfs takes its lower directories one by one, without the page limit of a mount string (Linux 6.7).</summary>
    internal bool OverlayTakesLayersOneByOne => Kernel >= new Version(6, 7);

    internal bool MayRaiseLimits => (Capabilities >> Planning.Capabilities.SysResource & 1) != 0;

    /// <summary>This host as this process sees it.</summary>
    public static HostFacts Detect() => new()
    {
        Kernel = Environment.OSVersion.Version,
        Capabilities = OwnCapabilities(),
        LastCapability = int.Parse(HostFile.ReadText("/proc/sys/kernel/cap_last_cap"), CultureInfo.InvariantCulture),
        AppArmor = ReadsAs("/sys/module/apparmor/parameters/enabled", 'Y'),
        SELinux = File.Exists("/sys/fs/selinux/enforce"),
    };

    /// <summary>The permitted set (proc(5), status: CapPrm).</summary>
    private static ulong OwnCapabilities()
    {
        const string Field = "\nCapPrm:\t";
        const int Digits = 16;
        string status = HostFile.ReadText("/proc/self/status");
        int at = status.IndexOf(Field, StringComparison.Ordinal);
        if (at < 0)
            throw new InvalidDataException("/proc/self/status has no CapPrm line.");
        return ulong.Parse(status.AsSpan(at + Field.Length, Digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static bool ReadsAs(string path, char first) =>
        File.Exists(path) && HostFile.ReadText(path).StartsWith(first);
}
