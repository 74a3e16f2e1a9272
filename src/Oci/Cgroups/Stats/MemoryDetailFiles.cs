namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>
/// What monitoring wants of memory beyond the kubelet's needs. v2: memory.peak (5.19), memory.events, and memory.stat for the rest.
/// v1: memory.max_usage_in_bytes, memory.failcnt, memory.kmem.usage_in_bytes, memory.oom_control.
/// </summary>
internal sealed class MemoryDetailFiles(CgroupDirectory directory)
{
    private readonly bool isV2 = directory.Version == CgroupVersion.V2;
    private readonly string peak = directory.Path + (directory.Version == CgroupVersion.V2 ? "/memory.peak" : "/memory.max_usage_in_bytes");
    private readonly string events = directory.Path + (directory.Version == CgroupVersion.V2 ? "/memory.events" : "/memory.oom_control");
    private readonly string limitHits = directory.Path + "/memory.failcnt";
    private readonly string kernel = directory.Path + "/memory.kmem.usage_in_bytes";

    internal MemoryDetailStats Read(byte[] buffer, in MemoryDetails stat)
    {
        ulong hits = 0, kills = 0;
        if (StatsReader.TryRead(events, buffer, out ReadOnlySpan<byte> text))
        {
            while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
                _ = CgroupText.TryValue(line, "max"u8, ref hits) || CgroupText.TryValue(line, "oom_kill"u8, ref kills);
        }
        return new MemoryDetailStats(
            stat.Cache,
            stat.MappedFile,
            isV2 ? stat.Kernel : Number(kernel, buffer),
            Number(peak, buffer),
            isV2 ? hits : Number(limitHits, buffer) ?? 0,
            kills,
            isV2 ? stat.Faults : stat.OwnFaults,
            isV2 ? stat.MajorFaults : stat.OwnMajorFaults);
    }

    private static ulong? Number(string path, byte[] buffer) =>
        StatsReader.TryRead(path, buffer, out ReadOnlySpan<byte> text) ? CgroupText.Number(text) : null;
}
