namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>The lines of memory.stat that count. The last three are v1's.</summary>
internal struct MemoryDetails
{
    internal ulong Rss, InactiveFile, Faults, MajorFaults, Swap, HierarchicalLimit, HierarchicalBothLimit;

    internal static MemoryDetails Parse(ReadOnlySpan<byte> text, bool isV2)
    {
        MemoryDetails details = default;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (isV2)
                details.TakeV2(line);
            else
                details.TakeV1(line);
        }
        return details;
    }

    private void TakeV2(ReadOnlySpan<byte> line) =>
        _ = CgroupText.TryValue(line, "anon"u8, ref Rss)
            || CgroupText.TryValue(line, "inactive_file"u8, ref InactiveFile)
            || CgroupText.TryValue(line, "pgfault"u8, ref Faults)
            || CgroupText.TryValue(line, "pgmajfault"u8, ref MajorFaults);

    /// <summary>The plain figures leave out children, which the usage includes; the totals do not.</summary>
    private void TakeV1(ReadOnlySpan<byte> line) =>
        _ = CgroupText.TryValue(line, "total_rss"u8, ref Rss)
            || CgroupText.TryValue(line, "total_inactive_file"u8, ref InactiveFile)
            || CgroupText.TryValue(line, "total_pgfault"u8, ref Faults)
            || CgroupText.TryValue(line, "total_pgmajfault"u8, ref MajorFaults)
            || CgroupText.TryValue(line, "total_swap"u8, ref Swap)
            || CgroupText.TryValue(line, "hierarchical_memory_limit"u8, ref HierarchicalLimit)
            || CgroupText.TryValue(line, "hierarchical_memsw_limit"u8, ref HierarchicalBothLimit);
}
