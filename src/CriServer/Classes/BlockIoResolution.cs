using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>A class's items as the limits of an OCI specification, on a node with these devices.</summary>
internal sealed class BlockIoResolution
{
    private readonly SortedDictionary<(long Major, long Minor), ulong> _readBps = [];
    private readonly SortedDictionary<(long Major, long Minor), ulong> _writeBps = [];
    private readonly SortedDictionary<(long Major, long Minor), ulong> _readIops = [];
    private readonly SortedDictionary<(long Major, long Minor), ulong> _writeIops = [];
    private readonly SortedDictionary<(long Major, long Minor), ulong> _weights = [];
    private ushort? _weight;

    private BlockIoResolution()
    {
    }

    /// <param name="find">The devices of a pattern.</param>
    internal static BlockIoResources Of(IReadOnlyList<BlockIoRule> rules, Func<DevicePattern, IReadOnlySet<BlockDevice>> find)
    {
        BlockIoResolution resolution = new();
        foreach (BlockIoRule rule in rules)
        {
            if (rule.Devices is null)
                resolution._weight = rule.Weight ?? resolution._weight;
            foreach (DevicePattern pattern in rule.Devices ?? [])
            {
                foreach (BlockDevice device in find(pattern))
                    resolution.Add((device.Major, device.Minor), rule);
            }
        }

        return resolution.Resources();
    }

    private void Add((long Major, long Minor) device, BlockIoRule rule)
    {
        Put(_readBps, rule.ReadBps);
        Put(_writeBps, rule.WriteBps);
        Put(_readIops, rule.ReadIops);
        Put(_writeIops, rule.WriteIops);
        Put(_weights, rule.Weight);

        void Put(SortedDictionary<(long Major, long Minor), ulong> values, ulong? value)
        {
            if (value is { } said)
                values[device] = said;
        }
    }

    private BlockIoResources Resources() => new()
    {
        Weight = _weight,
        WeightDevice = [.. _weights.Select(static each => new WeightDevice { Major = each.Key.Major, Minor = each.Key.Minor, Weight = (ushort)each.Value })],
        ThrottleReadBpsDevice = Throttles(_readBps),
        ThrottleWriteBpsDevice = Throttles(_writeBps),
        ThrottleReadIopsDevice = Throttles(_readIops),
        ThrottleWriteIopsDevice = Throttles(_writeIops),
    };

    private static IReadOnlyList<ThrottleDevice> Throttles(SortedDictionary<(long Major, long Minor), ulong> rates) =>
        [.. rates.Select(static each => new ThrottleDevice { Major = each.Key.Major, Minor = each.Key.Minor, Rate = each.Value })];
}
