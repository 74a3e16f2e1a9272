using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Merging;

/// <summary>Lays the resources that a plugin wants over others. What is absent is not wanted.</summary>
internal sealed class ResourceMerge(FieldOwnership owners, string container, string plugin)
{
    /// <param name="asked">What the plugin wants.</param>
    /// <param name="targets">What it is written to.</param>
    /// <exception cref="NriException">Another plugin has set one of the fields.</exception>
    internal void Apply(LinuxResources asked, params ReadOnlySpan<LinuxResources> targets)
    {
        Claim(asked);
        foreach (LinuxResources target in targets)
        {
            if (asked.Memory is not null)
                Write(asked.Memory, target.Memory ??= new LinuxMemory());
            if (asked.Cpu is not null)
                Write(asked.Cpu, target.Cpu ??= new LinuxCPU());
            foreach (HugepageLimit limit in asked.HugepageLimits)
            {
                EntryMerge.Take(target.HugepageLimits, limit.PageSize, item => item.PageSize);
                target.HugepageLimits.Add(limit);
            }

            target.Devices.Add(asked.Devices);
            foreach ((string file, string value) in asked.Unified)
                target.Unified[file] = value;
            target.BlockioClass = asked.BlockioClass ?? target.BlockioClass;
            target.RdtClass = asked.RdtClass ?? target.RdtClass;
            target.Pids = asked.Pids ?? target.Pids;
        }
    }

    private void Claim(LinuxResources asked)
    {
        Claim(asked.Memory ?? new LinuxMemory());
        Claim(asked.Cpu ?? new LinuxCPU());
        foreach (HugepageLimit limit in asked.HugepageLimits)
            owners.Claim(container, Field.HugepageLimits, limit.PageSize, plugin);
        foreach (string file in asked.Unified.Keys)
            owners.Claim(container, Field.CgroupsUnified, file, plugin);
        Claim(Field.BlockioClass, asked.BlockioClass is not null);
        Claim(Field.RdtClass, asked.RdtClass is not null);
        Claim(Field.PidsLimit, asked.Pids is not null);
    }

    private void Claim(LinuxMemory memory)
    {
        Claim(Field.MemLimit, memory.Limit is not null);
        Claim(Field.MemReservation, memory.Reservation is not null);
        Claim(Field.MemSwapLimit, memory.Swap is not null);
        Claim(Field.MemKernelLimit, memory.Kernel is not null);
        Claim(Field.MemTcpLimit, memory.KernelTcp is not null);
        Claim(Field.MemSwappiness, memory.Swappiness is not null);
        Claim(Field.MemDisableOomKiller, memory.DisableOomKiller is not null);
        Claim(Field.MemUseHierarchy, memory.UseHierarchy is not null);
    }

    private void Claim(LinuxCPU cpu)
    {
        Claim(Field.CpuShares, cpu.Shares is not null);
        Claim(Field.CpuQuota, cpu.Quota is not null);
        Claim(Field.CpuPeriod, cpu.Period is not null);
        Claim(Field.CpuRealtimeRuntime, cpu.RealtimeRuntime is not null);
        Claim(Field.CpuRealtimePeriod, cpu.RealtimePeriod is not null);
        Claim(Field.CpusetCpus, cpu.Cpus.Length > 0);
        Claim(Field.CpusetMems, cpu.Mems.Length > 0);
    }

    private void Claim(Field field, bool wanted)
    {
        if (wanted)
            owners.Claim(container, field, plugin);
    }

    private static void Write(LinuxMemory asked, LinuxMemory target)
    {
        target.Limit = asked.Limit ?? target.Limit;
        target.Reservation = asked.Reservation ?? target.Reservation;
        target.Swap = asked.Swap ?? target.Swap;
        target.Kernel = asked.Kernel ?? target.Kernel;
        target.KernelTcp = asked.KernelTcp ?? target.KernelTcp;
        target.Swappiness = asked.Swappiness ?? target.Swappiness;
        target.DisableOomKiller = asked.DisableOomKiller ?? target.DisableOomKiller;
        target.UseHierarchy = asked.UseHierarchy ?? target.UseHierarchy;
    }

    private static void Write(LinuxCPU asked, LinuxCPU target)
    {
        target.Shares = asked.Shares ?? target.Shares;
        target.Quota = asked.Quota ?? target.Quota;
        target.Period = asked.Period ?? target.Period;
        target.RealtimeRuntime = asked.RealtimeRuntime ?? target.RealtimeRuntime;
        target.RealtimePeriod = asked.RealtimePeriod ?? target.RealtimePeriod;
        target.Cpus = asked.Cpus.Length > 0 ? asked.Cpus : target.Cpus;
        target.Mems = asked.Mems.Length > 0 ? asked.Mems : target.Mems;
    }
}
