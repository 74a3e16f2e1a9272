namespace CriRuntime.CriServer.Specs;

/// <summary>What specs depend on of the node and of the daemon itself. Read once at start.</summary>
public sealed record NodeFacts
{
    public bool CgroupV2 { get; init; }

    /// <summary>The daemon's own bounding set, by full name.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public int OwnOomScoreAdj { get; init; }

    public bool SwapAccounting { get; init; }

    /// <summary>As the kernel's hugetlb controller names them: <c>2MB</c>, <c>1GB</c>.</summary>
    public IReadOnlyList<string> HugepageSizes { get; init; } = [];

    public bool AppArmor { get; init; }

    public static NodeFacts Read() => new()
    {
        CgroupV2 = File.Exists("/sys/fs/cgroup/cgroup.controllers"),
        Capabilities = OwnCapabilities(),
        OwnOomScoreAdj = int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), System.Globalization.CultureInfo.InvariantCulture),
        SwapAccounting = File.Exists("/sys/fs/cgroup/cgroup.controllers") || File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
        HugepageSizes = ReadHugepageSizes("/sys/kernel/mm/hugepages"),
        AppArmor = File.Exists("/sys/module/apparmor/parameters/enabled")
            && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y'),
    };

    /// <summary>The directories are named <c>hugepages-2048kB</c>.</summary>
    public static IReadOnlyList<string> ReadHugepageSizes(string directory)
    {
        if (!Directory.Exists(directory))
            return [];
        List<string> sizes = [];
        foreach (string name in Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)))
        {
            if (name.StartsWith("hugepages-", StringComparison.Ordinal) && name.EndsWith("kB", StringComparison.Ordinal)
                && long.TryParse(name["hugepages-".Length..^2], out long kilobytes))
            {
                sizes.Add(kilobytes >= 1 << 20 ? $"{kilobytes >> 20}GB" : kilobytes >= 1 << 10 ? $"{kilobytes >> 10}MB" : $"{kilobytes}KB");
            }
        }

        return sizes;
    }

    private static IReadOnlyList<string> OwnCapabilities()
    {
        const string Prefix = "CapBnd:";
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Prefix, StringComparison.Ordinal));
        return CapabilityNames.FromMask(line[Prefix.Length..].Trim());
    }
}
