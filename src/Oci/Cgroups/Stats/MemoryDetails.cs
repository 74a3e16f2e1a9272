namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>The lines of memory.stat that count. Swap and the hierarchical ones are v1's.</summary>
internal struct MemoryDetails
{
    internal ulong Rss, InactiveFile, Faults, MajorFaults, Swap, HierarchicalLimit, HierarchicalBothLimit;

    /// <summary>Only with detail; the last two are v1's.</summary>
    internal ulong Cache, MappedFile, OwnFaults, OwnMajorFaults;

    /// <summary>v2 since Linux 5.18, only with detail.</summary>
    internal ulong? Kernel;

    internal static MemoryDetails Parse(ReadOnlySpan<byte> text, bool isV2, bool withDetail = false)
    {
        MemoryDetails details = default;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            bool taken = isV2 ? details.TakeV2(line) : details.TakeV1(line);
            if (!taken && withDetail)
                details.TakeDetail(line, isV2);
        }
        return details;
    }

    private bool TakeV2(ReadOnlySpan<byte> line) =>
        CgroupText.TryValue(line, "anon"u8, ref Rss)
            || CgroupText.TryValue(line, "inactive_file"u8, ref InactiveFile)
            || CgroupText.TryValue(line, "pgfault"u8, ref Faults)
            || CgroupText.TryValue(line, "pgmajfault"u8, ref MajorFaults);

    /// <summary>The plain figures leave out children, which the usage includes; the totals do not.</summary>
    private bool TakeV1(ReadOnlySpan<byte> line) =>
        CgroupText.TryValue(line, "total_rss"u8, ref Rss)
            || CgroupText.TryValue(line, "total_inactive_file"u8, ref InactiveFile)
            || CgroupText.TryValue(line, "total_pgfault"u8, ref Faults)
            || CgroupText.TryValue(line, "total_pgmajfault"u8, ref MajorFaults)
            || CgroupText.TryValue(line, "total_swap"u8, ref Swap)
            || CgroupText.TryValue(line, "hierarchical_memory_limit"u8, ref HierarchicalLimit)
            || CgroupText.TryValue(line, "hierarchical_memsw_limit"u8, ref HierarchicalBothLimit);

    private void TakeDetail(ReadOnlySpan<byte> line, bool isV2)
    {
        ulong kernel = 0;
        if (isV2 && CgroupText.TryValue(line, "kernel"u8, ref kernel))
            Kernel = kernel;
        _ = isV2
            ? CgroupText.TryValue(line, "file"u8, ref Cache) || CgroupText.TryValue(line, "file_mapped"u8, ref MappedFile)
            : CgroupText.TryValue(line, "total_cache"u8, ref Cache)
                || CgroupText.TryValue(line, "total_mapped_file"u8, ref MappedFile)
                || CgroupText.TryValue(line, "pgfault"u8, ref OwnFaults)
                || CgroupText.TryValue(line, "pgmajfault"u8, ref OwnMajorFaults);
    }
}
