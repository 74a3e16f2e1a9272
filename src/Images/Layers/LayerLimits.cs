namespace CriRuntime.Images.Layers;

/// <summary>What a layer may cost, so that a small download cannot fill a node. A layer beyond a limit is refused as ResourceExhausted.</summary>
public sealed record LayerLimits
{
    /// <summary>Bytes of one layer's tar after decompression, and of any one file's length with its holes.</summary>
    public long MaxLayerBytes { get; init; } = 64L << 30;

    /// <summary>Entries of one layer, directories that no entry names included.</summary>
    public int MaxEntries { get; init; } = 2_000_000;

    /// <summary>Components of a path.</summary>
    public int MaxPathDepth { get; init; } = 512;

    /// <summary>Bytes that must remain available on the store's file system; unpacking stops before it has less.</summary>
    public long MinAvailableBytes { get; init; } = 128L << 20;
}
