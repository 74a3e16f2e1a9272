using System.Runtime.CompilerServices;
using CriRuntime.Images.Store;

namespace CriRuntime.Images.Snapshots;

/// <summary>A snapshot, its record, and what it took on disk when that was last measured.</summary>
internal sealed class SnapshotEntry(ContainerSnapshot snapshot, SnapshotRecord record)
{
    private StrongBox<SnapshotUsage> _usage = new(default);

    public ContainerSnapshot Snapshot { get; } = snapshot;

    public SnapshotRecord Record { get; } = record;

    public SnapshotUsage Usage
    {
        get => Volatile.Read(ref _usage).Value;
        set => Volatile.Write(ref _usage, new StrongBox<SnapshotUsage>(value));
    }
}
