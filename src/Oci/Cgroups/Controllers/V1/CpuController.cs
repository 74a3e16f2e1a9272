using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V1;

/// <summary>cpu.shares, cpu.idle, cpu.cfs_*, cpu.rt_*.</summary>
internal sealed class CpuController : Controller
{
    internal override string Name => "cpu";

    internal override string? Requested(LinuxResources resources) =>
        resources.Cpu is { } cpu && (cpu.Shares is > 0 || cpu.Quota is not (null or 0) || cpu.Period is > 0 || cpu.Burst is > 0
            || cpu.Idle is not null || cpu.RealtimePeriod is > 0 || cpu.RealtimeRuntime is not (null or 0))
            ? "linux.resources.cpu"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        CpuResources cpu = resources.Cpu!;
        if (cpu.Idle is { } idle)
            settings.Set("cpu.idle", idle);
        if (cpu.Shares is > 0 and { } shares && cpu.Idle is not 1)
            settings.Set("cpu.shares", shares);
        if (cpu.Period is > 0 and { } period)
            settings.Set("cpu.cfs_period_us", period);
        if (cpu.Quota is not (null or 0))
            settings.Set("cpu.cfs_quota_us", cpu.Quota.Value);
        if (cpu.Burst is { } burst)
            settings.Set("cpu.cfs_burst_us", burst);
        if (cpu.RealtimePeriod is > 0 and { } realtimePeriod)
            settings.Set("cpu.rt_period_us", realtimePeriod);
        if (cpu.RealtimeRuntime is not (null or 0))
            settings.Set("cpu.rt_runtime_us", cpu.RealtimeRuntime.Value);
    }
}
