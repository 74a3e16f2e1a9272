using System.Collections.Immutable;
using System.Globalization;

namespace CriRuntime.Oci.Cgroups.Systemd;

/// <summary>A list of CPUs or memory nodes as the kernel writes it (<c>0-3,7</c>), as the bits that systemd takes.</summary>
internal static class CpuMask
{
    /// <summary>No kernel has more CPUs (NR_CPUS); a hostile list must not take gigabytes.</summary>
    private const int Most = 8192;

    /// <summary>Bit n of byte n/8 is CPU n; an empty list has no bytes.</summary>
    /// <exception cref="CgroupException">It is not such a list.</exception>
    internal static ImmutableArray<byte> Parse(string list)
    {
        byte[] bits = [];
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int dash = range.IndexOf('-', StringComparison.Ordinal);
            int first = Number(list, dash < 0 ? range : range[..dash]);
            int last = dash < 0 ? first : Number(list, range[(dash + 1)..]);
            if (last < first)
                throw Refusal(list);
            if (bits.Length <= last / 8)
                Array.Resize(ref bits, (last / 8) + 1);
            for (int cpu = first; cpu <= last; cpu++)
                bits[cpu / 8] |= (byte)(1 << (cpu % 8));
        }
        return [.. bits];
    }

    private static int Number(string list, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Most ? number : throw Refusal(list);

    private static CgroupException Refusal(string list) => new($"\"{list}\" is not a list of CPUs or memory nodes such as 0-3,7 below {Most}");
}
