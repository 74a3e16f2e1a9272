using System.Collections.Immutable;
using System.Globalization;

namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>v2: hugetlb.SIZE.current. v1: hugetlb.SIZE.usage_in_bytes and max_usage_in_bytes.</summary>
internal sealed class HugetlbFiles(CgroupDirectory directory, ImmutableArray<string> pageSizes)
{
    private const string HostSizes = "/sys/kernel/mm/hugepages";

    private static readonly Lazy<ImmutableArray<string>> Host = new(ReadHost);

    private readonly bool isV2 = directory.Version == CgroupVersion.V2;
    private readonly string prefix = directory.Path + "/hugetlb.";

    /// <summary>The page sizes of this host as cgroup files name them, <c>2MB</c>; read once.</summary>
    internal static ImmutableArray<string> PageSizesOfHost => Host.Value;

    internal IReadOnlyList<HugetlbStats> Read(byte[] buffer)
    {
        List<HugetlbStats> found = new(pageSizes.Length);
        foreach (string size in pageSizes)
        {
            if (!StatsReader.TryRead(prefix + size + (isV2 ? ".current" : ".usage_in_bytes"), buffer, out ReadOnlySpan<byte> text))
                continue;
            ulong usage = CgroupText.Number(text) ?? 0;
            ulong? peak = !isV2 && StatsReader.TryRead(prefix + size + ".max_usage_in_bytes", buffer, out text) ? CgroupText.Number(text) : null;
            found.Add(new HugetlbStats(size, usage, peak));
        }
        return found;
    }

    /// <summary>From <c>hugepages-2048kB</c>, as the kernel makes its file names of it.</summary>
    internal static string? SizeName(string directoryName)
    {
        ReadOnlySpan<char> number = directoryName.AsSpan(Math.Min(directoryName.Length, "hugepages-".Length)).TrimEnd("kB");
        return !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong kilobytes) ? null
            : kilobytes >= 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{kilobytes >> 20}GB")
            : kilobytes >= 1 << 10 ? string.Create(CultureInfo.InvariantCulture, $"{kilobytes >> 10}MB")
            : string.Create(CultureInfo.InvariantCulture, $"{kilobytes}KB");
    }

    private static ImmutableArray<string> ReadHost() => !Directory.Exists(HostSizes)
        ? []
        : [.. Directory.GetDirectories(HostSizes).Select(static path => SizeName(Path.GetFileName(path))).OfType<string>().Order(StringComparer.Ordinal)];
}
