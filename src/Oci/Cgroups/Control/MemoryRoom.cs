using System.Globalization;
using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>
/// Lowering the memory limit of a live cgroup. In v1 the kernel reclaims, and refuses with EBUSY what is used beyond the limit. In v2 it takes every
/// memory.max, and kills until the usage is below. So there memory.high, which reclaims and never kills, goes first.
/// </summary>
internal static class MemoryRoom
{
    /// <summary>What is to be thrown when a limit is below the usage; names both.</summary>
    /// <param name="file">The limit's file, of either version.</param>
    internal static CgroupException Missing(string file, string limit)
    {
        string directory = Path.GetDirectoryName(file)!;
        string usage = Path.GetFileName(file) switch
        {
            "memory.limit_in_bytes" => "memory.usage_in_bytes",
            "memory.memsw.limit_in_bytes" => "memory.memsw.usage_in_bytes",
            _ => "memory.current",
        };
        string now = LimitChanges.Read($"{directory}/{usage}") ?? "unknown";
        return new CgroupException($"the memory limit ({limit}) is below the present usage ({now}), of which the kernel can reclaim too little");
    }

    /// <summary>Writes memory.max when, after reclaiming, the usage allows it.</summary>
    /// <exception cref="CgroupException">It does not; the old limit is in force.</exception>
    internal static Errno LowerMax(string file, string limit, LimitChanges changes)
    {
        string directory = Path.GetDirectoryName(file)!;
        if (Fits(directory, limit))
            return changes.TryWrite(file, limit);
        string high = directory + "/memory.high";
        string former = LimitChanges.Read(high) ?? "max";
        try
        {
            Errno errno = CgroupFile.TryWrite(high, Encoding.UTF8.GetBytes(limit));
            if (errno != Errno.None)
                return errno;
            return Fits(directory, limit) ? changes.TryWrite(file, limit) : throw Missing(file, limit);
        }
        finally
        {
            _ = CgroupFile.TryWrite(high, Encoding.UTF8.GetBytes(former));
        }
    }

    private static bool Fits(string directory, string limit) =>
        limit == "max"
        || !ulong.TryParse(limit, CultureInfo.InvariantCulture, out ulong wanted)
        || !ulong.TryParse(LimitChanges.Read(directory + "/memory.current"), CultureInfo.InvariantCulture, out ulong used)
        || used <= wanted;
}
