using System.Collections.Concurrent;
using System.Globalization;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Names of block devices, <c>/dev/sda</c>, looked up once in sysfs.</summary>
internal static class BlockDevices
{
    private const string NameKey = "DEVNAME=";

    private static readonly ConcurrentDictionary<(uint Major, uint Minor), string> Names = new();

    /// <summary>The path below /dev; <c>major:minor</c> for a device that is gone.</summary>
    internal static string NameOf(uint major, uint minor) => Names.GetOrAdd((major, minor), static number => Read(number.Major, number.Minor));

    private static string Read(uint major, uint minor)
    {
        string numbers = string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
        try
        {
            string text = HostFile.ReadText($"/sys/dev/block/{numbers}/uevent");
            string? line = text.Split('\n').FirstOrDefault(static each => each.StartsWith(NameKey, StringComparison.Ordinal));
            return line is null ? numbers : "/dev/" + line[NameKey.Length..];
        }
        catch (LinuxException)
        {
            return numbers;
        }
    }
}
