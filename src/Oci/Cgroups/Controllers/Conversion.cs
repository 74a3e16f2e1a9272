using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Cgroups.Controllers;

/// <summary>From OCI values, which are those of cgroup v1, to cgroup v2's.</summary>
public static class Conversion
{
    /// <summary>
    /// cpu.shares (2..262144) to cpu.weight (1..10000), 0 for 0. Minimum, maximum and default (1024 to 100) map to each other, with a curve through the
    /// three, as runc and crun have it since 2025: the linear formula before gave a pod of 1024 shares the weight 39 beside system services of 100.
    /// </summary>
    public static ulong SharesToWeight(ulong shares)
    {
        switch (shares)
        {
            case 0: return 0;
            case <= 2: return 1;
            case >= 262144: return 10000;
        }
        double l = Math.Log2(shares);
        double exponent = (((l * l) + (125 * l)) / 612.0) - (7.0 / 34.0);
        return (ulong)Math.Ceiling(Math.Pow(10, exponent));
    }

    /// <summary>OCI swap (memory and swap together) to v2's (swap alone): -1 unlimited, null not asked for.</summary>
    /// <exception cref="CgroupException">There is no memory limit to subtract, or it is above the sum.</exception>
    public static long? SwapOnly(MemoryResources memory)
    {
        long swap = memory.Swap ?? 0;
        long limit = memory.Limit ?? 0;
        // Lifting the memory limit lifts swap's too, or the old sum would go on to bind.
        if (limit == -1 && swap == 0)
            return -1;
        if (swap is 0)
            return null;
        if (swap == -1)
            return -1;
        if (limit <= 0)
            throw new CgroupException("linux.resources.memory.swap needs linux.resources.memory.limit");
        return swap >= limit
            ? swap - limit
            : throw new CgroupException($"linux.resources.memory.swap ({swap}, memory and swap together) is below linux.resources.memory.limit ({limit})");
    }

    /// <summary>blkio weight (10..1000) to io.weight (1..10000), 0 for 0.</summary>
    public static ulong BlockIoToIoWeight(ushort weight) => weight == 0 ? 0 : 1 + (((ulong)weight - 10) * 9999 / 990);

    /// <summary>A limit as v2 writes it: <c>max</c> for -1.</summary>
    public static string Limit(long value) =>
        value == -1 ? "max" : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
