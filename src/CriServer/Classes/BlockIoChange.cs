using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>What a container that changes its block I/O class needs written: the new limits, and for what the old ones had besides, that there is none.</summary>
public static class BlockIoChange
{
    /// <summary>The kernel's default, in the terms of cgroup v1.</summary>
    private const ushort DefaultWeight = 100;

    /// <param name="former">Null: it had none.</param>
    /// <param name="next">Null: it is to have none.</param>
    public static BlockIoResources ToWrite(BlockIoResources? former, BlockIoResources? next)
    {
        former ??= new BlockIoResources();
        next ??= new BlockIoResources();
        ushort? weight = next.Weight ?? (former.Weight is null ? null : DefaultWeight);
        return next with
        {
            Weight = weight,
            WeightDevice =
            [
                .. former.WeightDevice.Where(old => !next.WeightDevice.Any(each => each.Major == old.Major && each.Minor == old.Minor))
                    .Select(old => old with { Weight = next.Weight ?? DefaultWeight }),
                .. next.WeightDevice,
            ],
            ThrottleReadBpsDevice = Throttles(former.ThrottleReadBpsDevice, next.ThrottleReadBpsDevice),
            ThrottleWriteBpsDevice = Throttles(former.ThrottleWriteBpsDevice, next.ThrottleWriteBpsDevice),
            ThrottleReadIopsDevice = Throttles(former.ThrottleReadIopsDevice, next.ThrottleReadIopsDevice),
            ThrottleWriteIopsDevice = Throttles(former.ThrottleWriteIopsDevice, next.ThrottleWriteIopsDevice),
        };
    }

    /// <summary>A rate of 0 lifts a throttle.</summary>
    private static IReadOnlyList<ThrottleDevice> Throttles(IReadOnlyList<ThrottleDevice> former, IReadOnlyList<ThrottleDevice> next) =>
    [
        .. former.Where(old => !next.Any(each => each.Major == old.Major && each.Minor == old.Minor)).Select(static old => old with { Rate = 0 }),
        .. next,
    ];
}
