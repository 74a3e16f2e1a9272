namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>v2: cpu.stat. v1: cpuacct.usage; usage_user, usage_sys and cpu.stat only together with throttling, for they are three more files.</summary>
internal sealed class CpuFiles
{
    private readonly string? unified;
    private readonly string? user;
    private readonly string? system;
    private readonly string? usage;
    private readonly string? throttling;

    private CpuFiles(CgroupDirectory? accounting, CgroupDirectory? cpu, CgroupDirectory? unifiedDirectory)
    {
        if (accounting is not null)
        {
            user = accounting.Path + "/cpuacct.usage_user";
            system = accounting.Path + "/cpuacct.usage_sys";
            usage = accounting.Path + "/cpuacct.usage";
            throttling = cpu is null ? null : cpu.Path + "/cpu.stat";
        }
        else
        {
            unified = (cpu ?? unifiedDirectory)!.Path + "/cpu.stat";
        }
    }

    /// <summary>On v2 cpu.stat has the usage even without the controller.</summary>
    internal static CpuFiles? Of(CgroupPlacement placement)
    {
        CgroupDirectory? accounting = placement.Find("cpuacct");
        return accounting is null && placement.Unified is null ? null : new CpuFiles(accounting, placement.Find("cpu"), placement.Unified);
    }

    internal CpuStats? Read(byte[] buffer, bool withThrottling)
    {
        if (unified is not null)
            return StatsReader.TryRead(unified, buffer, out ReadOnlySpan<byte> text) ? ParseUnified(text) : null;
        if (!StatsReader.TryRead(usage!, buffer, out ReadOnlySpan<byte> number))
            return null;
        ulong total = CgroupText.Number(number) ?? 0;
        CpuStats throttled = withThrottling && throttling is not null && StatsReader.TryRead(throttling, buffer, out ReadOnlySpan<byte> stat)
            ? ParseThrottling(stat)
            : default;
        ulong userTime = withThrottling && StatsReader.TryRead(user!, buffer, out number) ? CgroupText.Number(number) ?? 0 : 0;
        ulong systemTime = withThrottling && StatsReader.TryRead(system!, buffer, out number) ? CgroupText.Number(number) ?? 0 : 0;
        return throttled with { UsageNanoseconds = total, UserNanoseconds = userTime, SystemNanoseconds = systemTime };
    }

    private static CpuStats ParseUnified(ReadOnlySpan<byte> text)
    {
        ulong usage = 0, user = 0, system = 0, periods = 0, throttled = 0, throttledTime = 0;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            _ = CgroupText.TryValue(line, "usage_usec"u8, ref usage)
                || CgroupText.TryValue(line, "user_usec"u8, ref user)
                || CgroupText.TryValue(line, "system_usec"u8, ref system)
                || CgroupText.TryValue(line, "nr_periods"u8, ref periods)
                || CgroupText.TryValue(line, "nr_throttled"u8, ref throttled)
                || CgroupText.TryValue(line, "throttled_usec"u8, ref throttledTime);
        }
        return new CpuStats(usage * 1000, user * 1000, system * 1000, periods, throttled, throttledTime * 1000);
    }

    private static CpuStats ParseThrottling(ReadOnlySpan<byte> text)
    {
        ulong periods = 0, throttled = 0, time = 0;
        while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            _ = CgroupText.TryValue(line, "nr_periods"u8, ref periods)
                || CgroupText.TryValue(line, "nr_throttled"u8, ref throttled)
                || CgroupText.TryValue(line, "throttled_time"u8, ref time);
        }
        return new CpuStats(0, 0, 0, periods, throttled, time);
    }
}
