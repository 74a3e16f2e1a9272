namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>v2: io.stat. v1: blkio.throttle.io_service_bytes_recursive and io_serviced_recursive.</summary>
internal sealed class IoFiles(CgroupDirectory directory)
{
    private readonly string? stat = directory.Version == CgroupVersion.V2 ? directory.Path + "/io.stat" : null;
    private readonly string bytes = directory.Path + "/blkio.throttle.io_service_bytes_recursive";
    private readonly string operations = directory.Path + "/blkio.throttle.io_serviced_recursive";

    internal IoStats? Read(byte[] buffer)
    {
        if (stat is not null)
            return StatsReader.TryRead(stat, buffer, out ReadOnlySpan<byte> text) ? ParseUnified(text) : null;
        if (!StatsReader.TryRead(bytes, buffer, out ReadOnlySpan<byte> lines))
            return null;
        (ulong readBytes, ulong writeBytes) = Parse(lines);
        (ulong reads, ulong writes) = StatsReader.TryRead(operations, buffer, out lines) ? Parse(lines) : default;
        return new IoStats(readBytes, writeBytes, reads, writes);
    }

    /// <summary>Lines <c>8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...</c>.</summary>
    private static IoStats ParseUnified(ReadOnlySpan<byte> text)
    {
        IoStats sum = default;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            sum = new IoStats(
                sum.ReadBytes + CgroupText.Pair(line, "rbytes"u8),
                sum.WriteBytes + CgroupText.Pair(line, "wbytes"u8),
                sum.ReadOperations + CgroupText.Pair(line, "rios"u8),
                sum.WriteOperations + CgroupText.Pair(line, "wios"u8));
        }
        return sum;
    }

    /// <summary>Lines <c>8:0 Read 4096</c>, and <c>Total 4096</c> at the end.</summary>
    private static (ulong Reads, ulong Writes) Parse(ReadOnlySpan<byte> text)
    {
        ulong reads = 0, writes = 0;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> words = line[(line.IndexOf((byte)' ') + 1)..];
            ulong value = 0;
            if (CgroupText.TryValue(words, "Read"u8, ref value))
                reads += value;
            else if (CgroupText.TryValue(words, "Write"u8, ref value))
                writes += value;
        }
        return (reads, writes);
    }
}
