namespace CriRuntime.CriServer.Classes;

/// <summary>One item of a block I/O class; a later one overrides an earlier one for the devices of both. What is null is not said.</summary>
internal sealed record BlockIoRule
{
    /// <summary>Null: the weight is for all devices that no item names.</summary>
    public IReadOnlyList<DevicePattern>? Devices { get; init; }

    /// <summary>Bytes per second.</summary>
    public ulong? ReadBps { get; init; }

    /// <summary>Bytes per second.</summary>
    public ulong? WriteBps { get; init; }

    /// <summary>Operations per second.</summary>
    public ulong? ReadIops { get; init; }

    /// <summary>Operations per second.</summary>
    public ulong? WriteIops { get; init; }

    /// <summary>10 to 1000.</summary>
    public ushort? Weight { get; init; }

    internal bool Throttles => ReadBps is not null || WriteBps is not null || ReadIops is not null || WriteIops is not null;
}
