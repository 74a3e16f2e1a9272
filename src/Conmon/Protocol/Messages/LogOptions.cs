namespace CriRuntime.Conmon.Protocol;

/// <summary>How a container's log is kept. The defaults leave size and rotation to the kubelet and durability to the file system.</summary>
public sealed record LogOptions : IPayload
{
    /// <summary>As containerd and CRI-O have it unless told otherwise: no limits, no syncs.</summary>
    public static LogOptions Default { get; } = new();

    /// <summary>
    /// Bytes; 0: no limit. An entry that would make the file longer begins a new one in its place, and what was in the old one is
    /// gone (as conmon's log-size-max; readers that hold the old file see its end). One entry is never split over two files.
    /// </summary>
    public long MaxSize { get; init; }

    /// <summary>
    /// Bytes of log per second, prefixes included; 0: no limit. A second's worth may come at once. Entries beyond that are dropped and
    /// counted, as journald does, because the alternative is a container that waits for its log.
    /// </summary>
    public long BytesPerSecond { get; init; }

    public LogSync Sync { get; init; }

    /// <summary>Seconds between syncs with <see cref="LogSync.Interval"/>, 1 to 86400.</summary>
    public int SyncSeconds { get; init; } = 5;

    public void Write(ref PayloadWriter writer)
    {
        writer.Write(MaxSize);
        writer.Write(BytesPerSecond);
        writer.Write((int)Sync);
        writer.Write(SyncSeconds);
    }

    public static LogOptions Read(ref PayloadReader reader) => new()
    {
        MaxSize = reader.ReadInt64(),
        BytesPerSecond = reader.ReadInt64(),
        Sync = (LogSync)reader.ReadInt32(),
        SyncSeconds = reader.ReadInt32(),
    };

    /// <exception cref="MonitorException">InvalidRequest: a value is out of its range.</exception>
    public void Validate()
    {
        if (MaxSize < 0 || BytesPerSecond < 0 || !Enum.IsDefined(Sync) || (Sync == LogSync.Interval && SyncSeconds is < 1 or > 86400))
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"log options are out of range: {this}");
    }
}

/// <summary>When what was logged is forced to disk. A sync holds up the whole pod's output as long as the disk takes.</summary>
public enum LogSync
{
    /// <summary>When the kernel thinks fit.</summary>
    Never = 0,

    /// <summary>Before a rotated file is let go, and before an exit is announced.</summary>
    OnRotateAndExit = 1,

    /// <summary>Also every so many seconds while something is being logged.</summary>
    Interval = 2,
}
