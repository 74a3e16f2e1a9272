namespace CriRuntime.CriServer.Stats;

/// <summary>What containers have written above their images.</summary>
public interface IWritableLayers
{
    /// <summary>The directory whose file system holds the layers, as the CRI's fs_id names it.</summary>
    string MountPoint { get; }

    /// <summary>The last measured use; null when there is none yet. Never waits for a walk over the files.</summary>
    LayerUse? UseOf(string containerId);
}

/// <param name="MeasuredAt">Nanoseconds since the epoch.</param>
public readonly record struct LayerUse(ulong Bytes, ulong Inodes, long MeasuredAt);
