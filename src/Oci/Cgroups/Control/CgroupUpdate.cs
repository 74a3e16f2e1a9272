using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>Changes the limits of a live container. Device rules stay as they are.</summary>
public static class CgroupUpdate
{
    /// <summary>
    /// Writes what is set in the resources. Some values are bounded by others (memory by memory and swap, burst by quota, quota by period), so which
    /// one has to go first depends on where they stand now: those that the kernel refuses are tried once more after the rest.
    /// </summary>
    /// <exception cref="CgroupException">Something asked for cannot be had on this host, or a limit is below the present usage with checkBeforeUpdate.</exception>
    /// <exception cref="LinuxException">The kernel refuses a value; the earlier ones are in force.</exception>
    public static void Apply(CgroupPlacement placement, LinuxResources resources)
    {
        CheckUsage(placement, resources.Memory);
        List<CgroupStep.WriteFile> refused = [];
        foreach (CgroupStep.WriteFile write in CgroupPlanner.PlanUpdate(placement, resources))
        {
            Errno errno = Write(write);
            if (errno is Errno.EINVAL or Errno.EBUSY)
                refused.Add(write);
            else
                Check(write, errno);
        }
        foreach (CgroupStep.WriteFile write in refused)
            Check(write, Write(write));
    }

    private static void CheckUsage(CgroupPlacement placement, MemoryResources? memory)
    {
        if (memory is not { CheckBeforeUpdate: true, Limit: > 0 and { } limit })
            return;
        CgroupStats stats = new StatsReader(placement).Read(StatsParts.Memory);
        if (stats.Memory is { } now && now.Usage > (ulong)limit)
            throw new CgroupException($"linux.resources.memory.limit ({limit}) is below the present usage ({now.Usage})");
    }

    private static Errno Write(CgroupStep.WriteFile write) => CgroupFile.TryWrite(write.Path, Encoding.UTF8.GetBytes(write.Value));

    private static void Check(CgroupStep.WriteFile write, Errno errno)
    {
        if (errno == Errno.None || (write.Optional && errno is Errno.ENOENT or Errno.EINVAL or Errno.EOPNOTSUPP))
            return;
        throw new LinuxException($"write \"{write.Value}\" to", write.Path, errno);
    }
}
