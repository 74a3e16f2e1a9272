using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Resources as plugins see them, from the CRI's and from the OCI specification's.</summary>
public static class ResourceMessages
{
    /// <summary>What is not set is absent.</summary>
    public static Api.LinuxResources Describe(ContainerResources resources)
    {
        Api.LinuxResources message = new()
        {
            Memory = new Api.LinuxMemory
            {
                Limit = resources.MemoryLimit != 0 ? Int64(resources.MemoryLimit) : null,
                Swap = resources.MemorySwapLimit != 0 ? Int64(resources.MemorySwapLimit) : null,
            },
            Cpu = new Api.LinuxCPU
            {
                Shares = resources.CpuShares != 0 ? UInt64((ulong)resources.CpuShares) : null,
                Quota = resources.CpuQuota != 0 ? Int64(resources.CpuQuota) : null,
                Period = resources.CpuPeriod != 0 ? UInt64((ulong)resources.CpuPeriod) : null,
                Cpus = resources.CpusetCpus,
                Mems = resources.CpusetMems,
            },
        };
        foreach (Specs.HugepageLimit limit in resources.HugepageLimits)
            message.HugepageLimits.Add(new Api.HugepageLimit { PageSize = limit.PageSize, Limit = limit.Limit });
        foreach ((string file, string value) in resources.Unified)
            message.Unified[file] = value;
        return message;
    }

    public static Api.LinuxResources Describe(LinuxResources resources)
    {
        Api.LinuxResources message = new()
        {
            Memory = Describe(resources.Memory ?? new MemoryResources()),
            Cpu = Describe(resources.Cpu ?? new CpuResources()),
            Pids = resources.Pids?.Limit is { } limit ? new Api.LinuxPids { Limit = limit } : null,
        };
        foreach (Oci.Specs.HugepageLimit pages in resources.HugepageLimits)
            message.HugepageLimits.Add(new Api.HugepageLimit { PageSize = pages.PageSize, Limit = pages.Limit });
        foreach ((string file, string value) in resources.Unified)
            message.Unified[file] = value;
        foreach (DeviceRule rule in resources.Devices)
        {
            message.Devices.Add(new Api.LinuxDeviceCgroup
            {
                Allow = rule.Allow,
                Type = rule.Type ?? "",
                Major = Optional(rule.Major),
                Minor = Optional(rule.Minor),
                Access = rule.Access ?? "",
            });
        }

        return message;
    }

    private static Api.LinuxMemory Describe(MemoryResources memory) => new()
    {
        Limit = Optional(memory.Limit),
        Reservation = Optional(memory.Reservation),
        Swap = Optional(memory.Swap),
        Kernel = Optional(memory.Kernel),
        KernelTcp = Optional(memory.KernelTcp),
        Swappiness = Optional(memory.Swappiness),
        DisableOomKiller = memory.DisableOomKiller is { } disable ? new Api.OptionalBool { Value = disable } : null,
        UseHierarchy = memory.UseHierarchy is { } use ? new Api.OptionalBool { Value = use } : null,
    };

    private static Api.LinuxCPU Describe(CpuResources cpu) => new()
    {
        Shares = Optional(cpu.Shares),
        Quota = Optional(cpu.Quota),
        Period = Optional(cpu.Period),
        RealtimeRuntime = Optional(cpu.RealtimeRuntime),
        RealtimePeriod = Optional(cpu.RealtimePeriod),
        Cpus = cpu.Cpus ?? "",
        Mems = cpu.Mems ?? "",
    };

    private static Api.OptionalInt64 Int64(long value) => new() { Value = value };

    private static Api.OptionalUInt64 UInt64(ulong value) => new() { Value = value };

    private static Api.OptionalInt64? Optional(long? value) => value is { } number ? Int64(number) : null;

    private static Api.OptionalUInt64? Optional(ulong? value) => value is { } number ? UInt64(number) : null;
}
