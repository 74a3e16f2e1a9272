namespace CriRuntime.Oci.Specs;

/// <summary>I/O weight of one block device.</summary>
public sealed record WeightDevice
{
    public long Major { get; init; }

    public long Minor { get; init; }

    /// <summary>10 to 1000.</summary>
    public ushort? Weight { get; init; }

    /// <summary>10 to 1000.</summary>
    public ushort? LeafWeight { get; init; }
}
