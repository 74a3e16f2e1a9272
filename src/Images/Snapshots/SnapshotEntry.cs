using System.Runtime.CompilerServices;

namespace CriRuntime.Images.Snapshots;

/// <summary>A snapshot, what it uses, and what it took on disk when that was last measured.</summary>
/// <param name="directories">Of layers, below <c>l/</c>; null when that is not known.</param>
internal sealed class SnapshotEntry(ContainerSnapshot snapshot, IReadOnlyList<string>? directories)
{
    private StrongBox<SnapshotUsage> _usage = new(default);

    public ContainerSnapshot Snapshot { get; } = snapshot;

    public IReadOnlyList<string>? Directories { get; } = directories;

    public SnapshotUsage Usage
    {
        get => Volatile.Read(ref _usage).Value;
        set => Volatile.Write(ref _usage, new StrongBox<SnapshotUsage>(value));
    }
}
