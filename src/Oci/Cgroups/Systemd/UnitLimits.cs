using System.Globalization;
using CriRuntime.Linux.Systemd;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>
/// The limits of a cgroup v2 as properties of its unit (systemd.resource-control(5)), made of the very writes that set them, so that systemd, when it
/// applies a unit's properties, writes what stands there. Files that systemd has no property for it leaves alone.
/// </summary>
public static class UnitLimits
{
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>Systemd keeps the quota as a percentage without fractions in the unit's file, and rounds down when it reads that again: what is a little more is as good as exact.</summary>
    private const ulong QuotaGranularity = MicrosecondsPerSecond / 100;

    /// <summary>The first version that knows idle groups, and ends them when it applies any other weight.</summary>
    private const int IdleVersion = 252;

    /// <summary>The first version that has an OOM policy for scopes.</summary>
    private const int OomPolicyVersion = 253;

    /// <param name="writes">Of a v2 cgroup. Where two are for the same file the later one counts.</param>
    /// <param name="systemdVersion">E.g. 252.</param>
    /// <exception cref="CgroupException">A value that the file would not take either.</exception>
    public static IReadOnlyList<UnitProperty> From(IEnumerable<CgroupStep.WriteFile> writes, int systemdVersion)
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (CgroupStep.WriteFile write in writes)
        {
            string file = Path.GetFileName(write.Path);
            // One line a device; the default's is the unit's.
            if (file != "io.weight" || !write.Value.Contains(':', StringComparison.Ordinal))
                values[file] = write.Value.Trim();
        }
        bool idle = systemdVersion >= IdleVersion && values.GetValueOrDefault("cpu.idle") == "1";
        List<UnitProperty> properties = [];
        foreach ((string file, string value) in values)
        {
            if (file == "cpu.max")
                AddQuota(value, properties);
            else if (!(idle && file == "cpu.weight") && Convert(file, value) is { } property)
                properties.Add(property);
        }
        if (idle)
            properties.Add(new UnitProperty.Number("CPUWeight", 0)); // that is how idle is said
        return properties;
    }

    /// <summary>The same, with what systemd takes only when a unit begins.</summary>
    public static IReadOnlyList<UnitProperty> AtStart(IReadOnlyList<CgroupStep.WriteFile> writes, int systemdVersion)
    {
        IReadOnlyList<UnitProperty> properties = From(writes, systemdVersion);
        foreach (CgroupStep.WriteFile write in writes)
        {
            if (systemdVersion >= OomPolicyVersion && Path.GetFileName(write.Path) == "memory.oom.group")
                return [.. properties, new UnitProperty.Text("OOMPolicy", write.Value.Trim() == "1" ? "kill" : "continue")];
        }
        return properties;
    }

    private static UnitProperty? Convert(string file, string value) => file switch
    {
        "cpu.weight" => Number("CPUWeight", file, value),
        "cpuset.cpus" => new UnitProperty.Mask("AllowedCPUs", CpuMask.Parse(value)),
        "cpuset.mems" => new UnitProperty.Mask("AllowedMemoryNodes", CpuMask.Parse(value)),
        "io.weight" => Number("IOWeight", file, value.StartsWith("default ", StringComparison.Ordinal) ? value["default ".Length..] : value),
        "memory.min" => Number("MemoryMin", file, value),
        "memory.low" => Number("MemoryLow", file, value),
        "memory.high" => Number("MemoryHigh", file, value),
        "memory.max" => Number("MemoryMax", file, value),
        "memory.swap.max" => Number("MemorySwapMax", file, value),
        // Systemd refuses 0, and a container in which nothing may run is never wanted.
        "pids.max" => new UnitProperty.Number("TasksMax", Math.Max(1, Amount(file, value))),
        _ => null,
    };

    private static UnitProperty.Number Number(string property, string file, string value) => new(property, Amount(file, value));

    /// <summary><c>QUOTA PERIOD</c> in microseconds; a quota of <c>max</c> is none, and the period may be missing.</summary>
    private static void AddQuota(string value, List<UnitProperty> properties)
    {
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ulong period = words.Length > 1 ? Amount("cpu.max", words[1]) : 100_000;
        ulong quota = words.Length > 0 ? Amount("cpu.max", words[0]) : ulong.MaxValue;
        if (period == 0)
            throw new CgroupException($"cpu.max \"{value}\" has no period");
        if (quota != ulong.MaxValue)
        {
            UInt128 exact = (UInt128)quota * MicrosecondsPerSecond / period;
            UInt128 rounded = (exact + QuotaGranularity - 1) / QuotaGranularity * QuotaGranularity;
            quota = rounded < ulong.MaxValue ? (ulong)rounded : ulong.MaxValue;
        }
        properties.Add(new UnitProperty.Number("CPUQuotaPerSecUSec", quota));
        properties.Add(new UnitProperty.Number("CPUQuotaPeriodUSec", period));
    }

    private static ulong Amount(string file, string value) =>
        value == "max" ? ulong.MaxValue
        : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number
        : throw new CgroupException($"{file} \"{value}\" is neither a number nor max");
}
