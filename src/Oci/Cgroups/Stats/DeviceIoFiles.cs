using System.Buffers.Text;

namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>
/// Traffic by block device. v2: io.stat. v1: blkio.throttle.*_recursive, which a kernel since 6.10 fills only for devices with a throttle,
/// and where that is empty blkio.bfq.*_recursive.
/// </summary>
internal sealed class DeviceIoFiles(CgroupDirectory directory)
{
    private readonly string? stat = directory.Version == CgroupVersion.V2 ? directory.Path + "/io.stat" : null;
    private readonly string throttle = directory.Path + "/blkio.throttle.";
    private readonly string bfq = directory.Path + "/blkio.bfq.";

    internal IReadOnlyList<DeviceIoStats>? Read(byte[] buffer)
    {
        if (stat is not null)
            return StatsReader.TryRead(stat, buffer, out ReadOnlySpan<byte> text) ? ParseUnified(text) : null;
        IReadOnlyList<DeviceIoStats>? devices = ReadV1(throttle, buffer);
        return devices is null or { Count: > 0 } ? devices : ReadV1(bfq, buffer) ?? devices;
    }

    private static List<DeviceIoStats>? ReadV1(string prefix, byte[] buffer)
    {
        if (!StatsReader.TryRead(prefix + "io_service_bytes_recursive", buffer, out ReadOnlySpan<byte> text))
            return null;
        List<DeviceIoStats> devices = [];
        Parse(text, devices, static (figures, read, write) => figures with { ReadBytes = read ?? figures.ReadBytes, WriteBytes = write ?? figures.WriteBytes });
        if (devices.Count > 0 && StatsReader.TryRead(prefix + "io_serviced_recursive", buffer, out text))
            Parse(text, devices, static (figures, read, write) => figures with { ReadOperations = read ?? figures.ReadOperations, WriteOperations = write ?? figures.WriteOperations });
        return devices;
    }

    /// <summary>Lines <c>8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...</c>; a device without traffic may stand alone in its line.</summary>
    private static List<DeviceIoStats> ParseUnified(ReadOnlySpan<byte> text)
    {
        List<DeviceIoStats> devices = [];
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!TryDevice(line, out uint major, out uint minor) || line.IndexOf("rbytes="u8) < 0)
                continue;
            IoStats figures = new(
                CgroupText.Pair(line, "rbytes"u8), CgroupText.Pair(line, "wbytes"u8), CgroupText.Pair(line, "rios"u8), CgroupText.Pair(line, "wios"u8));
            devices.Add(new DeviceIoStats(major, minor, figures));
        }
        return devices;
    }

    /// <summary>Lines <c>8:0 Read 4096</c>, several for each device, and <c>Total 4096</c> at the end.</summary>
    private static void Parse(ReadOnlySpan<byte> text, List<DeviceIoStats> devices, Func<IoStats, ulong?, ulong?, IoStats> set)
    {
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (!TryDevice(line, out uint major, out uint minor))
                continue;
            int at = devices.FindIndex(device => device.Major == major && device.Minor == minor);
            if (at < 0)
            {
                at = devices.Count;
                devices.Add(new DeviceIoStats(major, minor, default));
            }
            ReadOnlySpan<byte> words = line[(line.IndexOf((byte)' ') + 1)..];
            ulong value = 0;
            if (CgroupText.TryValue(words, "Read"u8, ref value))
                devices[at] = devices[at] with { Figures = set(devices[at].Figures, value, null) };
            else if (CgroupText.TryValue(words, "Write"u8, ref value))
                devices[at] = devices[at] with { Figures = set(devices[at].Figures, null, value) };
        }
    }

    private static bool TryDevice(ReadOnlySpan<byte> line, out uint major, out uint minor)
    {
        minor = 0;
        return Utf8Parser.TryParse(line, out major, out int length) && length < line.Length && line[length] == (byte)':'
            && Utf8Parser.TryParse(line[(length + 1)..], out minor, out _);
    }
}
