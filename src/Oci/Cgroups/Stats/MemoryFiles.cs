namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>v2: memory.current, memory.max, memory.swap.*, memory.stat. v1: the same figures by their older names.</summary>
internal sealed class MemoryFiles
{
    private readonly bool isV2;
    private readonly string usage;
    private readonly string limit;
    private readonly string stat;
    private readonly string swapUsage;
    private readonly string swapLimit;

    internal MemoryFiles(CgroupDirectory directory)
    {
        isV2 = directory.Version == CgroupVersion.V2;
        usage = directory.Path + (isV2 ? "/memory.current" : "/memory.usage_in_bytes");
        limit = directory.Path + (isV2 ? "/memory.max" : "/memory.limit_in_bytes");
        stat = directory.Path + "/memory.stat";
        swapUsage = directory.Path + (isV2 ? "/memory.swap.current" : "/memory.memsw.usage_in_bytes");
        swapLimit = directory.Path + (isV2 ? "/memory.swap.max" : "/memory.memsw.limit_in_bytes");
    }

    internal MemoryStats? Read(byte[] buffer)
    {
        if (!StatsReader.TryRead(usage, buffer, out ReadOnlySpan<byte> text))
            return null;
        ulong used = CgroupText.Number(text) ?? 0;
        ulong? max = StatsReader.TryRead(limit, buffer, out text) ? CgroupText.Limit(text) : null;
        ulong? swapUsed = StatsReader.TryRead(swapUsage, buffer, out text) ? CgroupText.Number(text) : null;
        ulong? swapMax = StatsReader.TryRead(swapLimit, buffer, out text) ? CgroupText.Limit(text) : null;
        Details details = StatsReader.TryRead(stat, buffer, out text) ? Parse(text) : default;
        if (!isV2)
        {
            // v1 counts memory and swap together.
            swapUsed = swapUsed is { } both ? Less(both, used) : null;
            swapMax = swapMax is { } sum ? Less(sum, max ?? 0) : null;
        }
        return new MemoryStats(used, Less(used, details.InactiveFile), details.Rss, details.Faults, details.MajorFaults, max, swapUsed, swapMax);
    }

    private Details Parse(ReadOnlySpan<byte> text)
    {
        // v1's plain figures leave out children, which the usage includes.
        ReadOnlySpan<byte> rss = isV2 ? "anon"u8 : "total_rss"u8;
        ReadOnlySpan<byte> inactive = isV2 ? "inactive_file"u8 : "total_inactive_file"u8;
        ReadOnlySpan<byte> faults = isV2 ? "pgfault"u8 : "total_pgfault"u8;
        ReadOnlySpan<byte> majorFaults = isV2 ? "pgmajfault"u8 : "total_pgmajfault"u8;
        Details details = default;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            _ = CgroupText.TryValue(line, rss, ref details.Rss)
                || CgroupText.TryValue(line, inactive, ref details.InactiveFile)
                || CgroupText.TryValue(line, faults, ref details.Faults)
                || CgroupText.TryValue(line, majorFaults, ref details.MajorFaults);
        }
        return details;
    }

    private static ulong Less(ulong a, ulong b) => a > b ? a - b : 0;

    private struct Details
    {
        internal ulong Rss, InactiveFile, Faults, MajorFaults;
    }
}
