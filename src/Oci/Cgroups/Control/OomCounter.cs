using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>
/// Counts the processes that the kernel killed for want of memory: v2 memory.events (with descendants), v1 memory.oom_control, key <c>oom_kill</c>.
/// One open, read and close without allocation, so that a monitor can ask at every exit.
/// </summary>
public sealed class OomCounter
{
    private readonly string? file;

    public OomCounter(CgroupPlacement placement)
        : this(placement.Find("memory"))
    {
    }

    /// <summary>For the memory controller's directory; null where the host has no such controller.</summary>
    public OomCounter(CgroupDirectory? memory) =>
        file = memory is null ? null : memory.Path + (memory.Version == CgroupVersion.V2 ? "/memory.events" : "/memory.oom_control");

    /// <summary>The count since the cgroup was made; 0 when the file is missing.</summary>
    public ulong Read()
    {
        if (file is null)
            return 0;
        Span<byte> buffer = stackalloc byte[512];
        int length = CgroupFile.TryRead(file, buffer);
        ReadOnlySpan<byte> text = length < 0 ? default : buffer[..length];
        ulong count = 0;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (CgroupText.TryValue(line, "oom_kill"u8, ref count))
                break;
        }
        return count;
    }
}
