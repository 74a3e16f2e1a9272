using System.Buffers;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>
/// Reads a placement's statistics, each controller in the version that has it. Paths are made once, so keep the reader as long as the
/// container; a read then allocates its result only. Safe for use by several threads.
/// </summary>
public sealed class StatsReader
{
    /// <summary>memory.stat is the largest: some 3 KiB on v1 and 2 KiB on v2.</summary>
    private const int BufferSize = 16 * 1024;

    private readonly CpuFiles? cpu;
    private readonly MemoryFiles? memory;
    private readonly PidsFiles? pids;
    private readonly IoFiles? io;
    private readonly DeviceIoFiles? deviceIo;
    private readonly HugetlbFiles? hugetlb;
    private readonly PressureFiles? pressure;

    public StatsReader(CgroupPlacement placement)
    {
        cpu = CpuFiles.Of(placement);
        memory = placement.Find("memory") is { } m ? new MemoryFiles(m) : null;
        pids = placement.Find("pids") is { } p ? new PidsFiles(p) : null;
        CgroupDirectory? block = placement.Find("io") ?? placement.Find("blkio");
        io = block is null ? null : new IoFiles(block);
        deviceIo = block is null ? null : new DeviceIoFiles(block);
        hugetlb = placement.Find("hugetlb") is { } h ? new HugetlbFiles(h, HugetlbFiles.PageSizesOfHost) : null;
        pressure = placement.Unified is { } unified ? new PressureFiles(unified.Path) : null;
    }

    /// <summary>Reads now. Never throws for files or a cgroup that are missing: their part is null.</summary>
    public CgroupStats Read(StatsParts parts = StatsParts.Container)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            return new CgroupStats
            {
                Cpu = parts.HasFlag(StatsParts.Cpu) ? cpu?.Read(buffer, parts.HasFlag(StatsParts.Throttling)) : null,
                Memory = parts.HasFlag(StatsParts.Memory) ? memory?.Read(buffer, parts.HasFlag(StatsParts.MemoryDetail)) : null,
                Pids = parts.HasFlag(StatsParts.Pids) ? pids?.Read(buffer) : null,
                Io = parts.HasFlag(StatsParts.Io) ? io?.Read(buffer) : null,
                IoDevices = parts.HasFlag(StatsParts.IoDevices) ? deviceIo?.Read(buffer) : null,
                Hugetlb = parts.HasFlag(StatsParts.Hugetlb) ? hugetlb?.Read(buffer) : null,
                CpuPressure = parts.HasFlag(StatsParts.Pressure) ? pressure?.ReadCpu(buffer) : null,
                MemoryPressure = parts.HasFlag(StatsParts.Pressure) ? pressure?.ReadMemory(buffer) : null,
                IoPressure = parts.HasFlag(StatsParts.Pressure) ? pressure?.ReadIo(buffer) : null,
                Timestamp = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100,
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The file's text in the buffer; false when it is missing.</summary>
    internal static bool TryRead(string path, byte[] buffer, out ReadOnlySpan<byte> text)
    {
        int length = CgroupFile.TryRead(path, buffer);
        text = length < 0 ? default : buffer.AsSpan(0, length);
        return length >= 0;
    }
}
