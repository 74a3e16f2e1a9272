using System.Globalization;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>The order in which the kernel takes new limits, which depends on the present ones.</summary>
internal static class UpdateOrder
{
    /// <summary>
    /// v1 demands at every moment that memory is not above memory and swap together. The plan has memory first, which is right for shrinking;
    /// when memory grows beyond the present sum, the sum goes first.
    /// </summary>
    internal static List<CgroupStep.WriteFile> Sort(IReadOnlyList<CgroupStep.WriteFile> writes, Func<string, string?> read)
    {
        List<CgroupStep.WriteFile> sorted = [.. writes];
        int memory = sorted.FindIndex(static w => w.Path.EndsWith("/memory.limit_in_bytes", StringComparison.Ordinal));
        int sum = sorted.FindIndex(static w => w.Path.EndsWith("/memory.memsw.limit_in_bytes", StringComparison.Ordinal));
        if (memory >= 0 && sum > memory && Bytes(sorted[memory].Value) > Bytes(read(sorted[sum].Path)))
            (sorted[memory], sorted[sum]) = (sorted[sum], sorted[memory]);
        return sorted;
    }

    /// <summary>-1 and what is no number mean unlimited.</summary>
    private static ulong Bytes(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes) ? bytes : ulong.MaxValue;
}
