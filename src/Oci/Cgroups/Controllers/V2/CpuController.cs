using System.Globalization;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers.V2;

/// <summary>cpu.weight, cpu.idle, cpu.max, cpu.max.burst.</summary>
internal sealed class CpuController : Controller
{
    private const ulong DefaultPeriod = 100_000;

    internal override string Name => "cpu";

    internal override string? Requested(LinuxResources resources) =>
        resources.Cpu is { } cpu && (cpu.Shares is > 0 || cpu.Quota is not (null or 0) || cpu.Period is > 0 || cpu.Burst is > 0 || cpu.Idle is not null)
            ? "linux.resources.cpu"
            : null;

    internal override void Apply(LinuxResources resources, SettingList settings)
    {
        CpuResources cpu = resources.Cpu!;
        if (cpu.Idle is { } idle)
            settings.Set("cpu.idle", idle);
        // An idle group has a weight of its own, and the kernel refuses another.
        if (cpu.Shares is > 0 and { } shares && cpu.Idle is not 1)
            settings.Set("cpu.weight", Conversion.SharesToWeight(shares));
        if (cpu.Quota is not (null or 0) || cpu.Period is > 0)
            settings.Set("cpu.max", Max(cpu));
        if (cpu.Burst is { } burst)
            settings.Set("cpu.max.burst", burst);
    }

    private static string Max(CpuResources cpu)
    {
        string quota = cpu.Quota is > 0 and { } limit ? limit.ToString(CultureInfo.InvariantCulture) : "max";
        ulong period = cpu.Period is > 0 and { } given ? given : DefaultPeriod;
        return string.Create(CultureInfo.InvariantCulture, $"{quota} {period}");
    }
}
