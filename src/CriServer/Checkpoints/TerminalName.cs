using System.Globalization;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// A container's terminal, whose other side is the monitor's. criu leaves it out by its device's number, and gives the restored processes the one that it has itself; the first process's
/// controlling terminal is set again.
/// </summary>
public static class TerminalName
{
    /// <summary>Where the terminal is mounted.</summary>
    public const string Console = "/dev/console";

    /// <summary>Linux' devices.txt: the ends of terminals that programs have, by index.</summary>
    private const uint SlaveMajor = 136;

    /// <summary>criu's name for the terminal that a mount is; null for other mounts.</summary>
    public static string? Of(MountLine mount)
    {
        if (mount.MountPoint != Console || mount.Type != "devpts" || !uint.TryParse(mount.Root.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out uint index))
            return null;
        string[] device = mount.Device.Split(':');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"tty[{Encode(SlaveMajor, index):x}:{Encode(uint.Parse(device[0], CultureInfo.InvariantCulture), uint.Parse(device[1], CultureInfo.InvariantCulture)):x}]");
    }

    /// <exception cref="CriException">FailedPrecondition: the saved container had a terminal and the one to be restored has none, or the reverse.</exception>
    public static void CheckSame(IReadOnlyList<string> streams, Spec spec)
    {
        bool saved = streams.Any(static stream => stream.StartsWith("tty[", StringComparison.Ordinal));
        if (saved != (spec.Process is { Terminal: true }))
            throw CriException.FailedPrecondition($"the saved container had {(saved ? "a" : "no")} terminal: set config.tty to {(saved ? "true" : "false")}");
    }

    /// <summary>As stat(2) has it.</summary>
    private static ulong Encode(uint major, uint minor) => (minor & 0xff) | (major << 8) | ((ulong)(minor & ~0xffu) << 12);
}
