using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Resources that plugins want, in two parts: what the CRI has words for, and is reported and merged with later requests; and the rest.</summary>
/// <param name="Requested">0 and empty: not wanted.</param>
public sealed record WantedResources(ContainerResources Requested, LinuxResources Further)
{
    /// <summary>Null: not wanted; empty: none.</summary>
    public string? BlockIoClass { get; init; }

    /// <inheritdoc cref="BlockIoClass"/>
    public string? RdtClass { get; init; }

    public static WantedResources Read(Api.LinuxResources message)
    {
        Api.LinuxMemory memory = message.Memory ?? new Api.LinuxMemory();
        Api.LinuxCPU cpu = message.Cpu ?? new Api.LinuxCPU();
        return new WantedResources(Requests(message, memory, cpu), Rest(message, memory, cpu))
        {
            BlockIoClass = message.BlockioClass?.Value,
            RdtClass = message.RdtClass?.Value,
        };
    }

    private static ContainerResources Requests(Api.LinuxResources message, Api.LinuxMemory memory, Api.LinuxCPU cpu)
    {
        SortedDictionary<string, string> unified = new(StringComparer.Ordinal);
        foreach ((string file, string value) in message.Unified)
            unified[file] = value;
        List<Specs.HugepageLimit> pages = [];
        foreach (Api.HugepageLimit limit in message.HugepageLimits)
            pages.Add(new Specs.HugepageLimit(limit.PageSize, limit.Limit));
        return new ContainerResources
        {
            MemoryLimit = memory.Limit?.Value ?? 0,
            MemorySwapLimit = memory.Swap?.Value ?? 0,
            CpuShares = Signed(cpu.Shares),
            CpuQuota = cpu.Quota?.Value ?? 0,
            CpuPeriod = Signed(cpu.Period),
            CpusetCpus = cpu.Cpus,
            CpusetMems = cpu.Mems,
            HugepageLimits = pages,
            Unified = unified,
        };
    }

    private static LinuxResources Rest(Api.LinuxResources message, Api.LinuxMemory memory, Api.LinuxCPU cpu) => new()
    {
        Memory = new MemoryResources
        {
            Reservation = memory.Reservation?.Value,
            Kernel = memory.Kernel?.Value,
            KernelTcp = memory.KernelTcp?.Value,
            Swappiness = memory.Swappiness?.Value,
            DisableOomKiller = memory.DisableOomKiller?.Value,
            UseHierarchy = memory.UseHierarchy?.Value,
        },
        Cpu = new CpuResources { RealtimeRuntime = cpu.RealtimeRuntime?.Value, RealtimePeriod = cpu.RealtimePeriod?.Value },
        Pids = message.Pids is { } pids ? new PidsResources { Limit = pids.Limit } : null,
        Devices = [.. message.Devices.Select(Read)],
    };

    private static DeviceRule Read(Api.LinuxDeviceCgroup rule) => new()
    {
        Allow = rule.Allow,
        Type = rule.Type.Length > 0 ? rule.Type : null,
        Major = rule.Major?.Value,
        Minor = rule.Minor?.Value,
        Access = rule.Access.Length > 0 ? rule.Access : null,
    };

    private static long Signed(Api.OptionalUInt64? value) => (long)Math.Min(value?.Value ?? 0, long.MaxValue);
}
