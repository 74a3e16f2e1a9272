namespace CriRuntime.Oci.Specs;

/// <summary>Throttle of one block device.</summary>
public sealed record ThrottleDevice
{
    public long Major { get; init; }

    public long Minor { get; init; }

    /// <summary>Per second; 0 lifts the throttle.</summary>
    public ulong Rate { get; init; }
}
