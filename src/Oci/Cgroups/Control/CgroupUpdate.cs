using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups.Stats;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>Changes the limits of a live container: all of them, or none. Device rules stay as they are.</summary>
public static class CgroupUpdate
{
    /// <summary>
    /// Writes what is set in the resources. Some values are bounded by others (memory by memory and swap, burst by quota, quota by period and by the parent's
    /// share), so which one has to go first depends on where they stand now: those that the kernel refuses are tried once more after the rest.
    /// </summary>
    /// <returns>What was changed, for a caller that has to take it back.</returns>
    /// <exception cref="CgroupException">
    /// Something asked for cannot be had on this host; a memory limit is below what is used and cannot be reclaimed; or, after another refusal, a limit could not be put back.
    /// </exception>
    /// <exception cref="LinuxException">The kernel refuses a value (ENOENT: it has no such file); everything is as before.</exception>
    public static LimitChanges Apply(CgroupPlacement placement, LinuxResources resources)
    {
        CheckUsage(placement, resources.Memory);
        List<CgroupStep.WriteFile> writes = UpdateOrder.Sort(CgroupPlanner.PlanUpdate(placement, resources), LimitChanges.Read);
        foreach (CgroupStep.WriteFile write in writes)
        {
            if (!write.Optional && !File.Exists(write.Path))
                throw Refusal(write, Errno.ENOENT);
        }
        LimitChanges changes = new();
        try
        {
            WriteAll(writes, changes, sparing: resources.Memory?.CheckBeforeUpdate == true);
            return changes;
        }
        catch (Exception e) when (e is LinuxException or CgroupException)
        {
            IReadOnlyList<string> stuck = changes.Revert();
            if (stuck.Count > 0)
                throw new CgroupException($"{e.Message}; and of what was changed before, this could not be put back: {string.Join(", ", stuck)}");
            throw;
        }
    }

    private static void WriteAll(List<CgroupStep.WriteFile> writes, LimitChanges changes, bool sparing)
    {
        List<CgroupStep.WriteFile> refused = [];
        foreach (CgroupStep.WriteFile write in writes)
        {
            Errno errno = Write(write, changes, sparing);
            if (errno is Errno.EINVAL or Errno.EBUSY)
                refused.Add(write);
            else
                Check(write, errno);
        }
        foreach (CgroupStep.WriteFile write in refused)
            Check(write, Write(write, changes, sparing));
    }

    /// <summary>v1 refuses such a limit by itself, after it has tried to reclaim; asked to check, usage that could be reclaimed counts too.</summary>
    private static void CheckUsage(CgroupPlacement placement, MemoryResources? memory)
    {
        if (memory is not { CheckBeforeUpdate: true, Limit: > 0 and { } limit } || placement.Find("memory")?.Version == CgroupVersion.V2)
            return;
        CgroupStats stats = new StatsReader(placement).Read(StatsParts.Memory);
        if (stats.Memory is { } now && now.Usage > (ulong)limit)
            throw new CgroupException($"linux.resources.memory.limit ({limit}) is below the present usage ({now.Usage})");
    }

    private static Errno Write(CgroupStep.WriteFile write, LimitChanges changes, bool sparing) =>
        sparing && write.Path.EndsWith("/memory.max", StringComparison.Ordinal)
            ? MemoryRoom.LowerMax(write.Path, write.Value, changes)
            : changes.TryWrite(write.Path, write.Value);

    private static void Check(CgroupStep.WriteFile write, Errno errno)
    {
        if (errno == Errno.None || (write.Optional && errno is Errno.ENOENT or Errno.EINVAL or Errno.EOPNOTSUPP))
            return;
        throw errno == Errno.EBUSY && Path.GetFileName(write.Path).StartsWith("memory.", StringComparison.Ordinal)
            ? MemoryRoom.Missing(write.Path, write.Value)
            : Refusal(write, errno);
    }

    private static LinuxException Refusal(CgroupStep.WriteFile write, Errno errno) => new($"write \"{write.Value}\" to", write.Path, errno);
}
