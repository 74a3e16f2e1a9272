using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CriRuntime.Images.Content;
using CriRuntime.Images.References;
using CriRuntime.Images.Store;
using CriRuntime.Linux;

namespace CriRuntime.Images.Snapshots;

/// <summary>
/// Snapshots in <c>snapshots/&lt;key&gt;/{upper,work,layers}</c>. They appear by rename and vanish by rename; nothing is synced, since a container does not outlive
/// its kernel.
/// </summary>
internal sealed class SnapshotStore : IDisposable
{
    private const uint Private = 0x1C0;
    private const int MaxRecordSize = 1 << 20;

    private readonly string _rootPath;
    private readonly DirectoryFd _snapshots;
    private readonly LayerStore _layers;
    private readonly Reaper _reaper;
    private readonly Action<string, Exception> _warn;
    private readonly ConcurrentDictionary<string, SnapshotEntry> _entries = new(StringComparer.Ordinal);

    public SnapshotStore(DirectoryFd root, string rootPath, LayerStore layers, Reaper reaper, Action<string, Exception> warn)
    {
        (_rootPath, _layers, _reaper, _warn) = (Path.GetFullPath(rootPath), layers, reaper, warn);
        _snapshots = StoreDirectory.Open(root, "snapshots");
        Meter = new SnapshotMeter(_snapshots, _entries, warn);
        StoreDirectory.Open(root, "empty", 0x1ED).Dispose(); // the lower directory of an image without layers
        StoreDirectory.Open(root, "bottom", 0x1ED).Dispose(); // empty too: what lies below the only layer of an overlay that has no upper directory
        Load();
    }

    /// <summary>What the snapshots take on disk.</summary>
    public SnapshotMeter Meter { get; }

    public ContainerSnapshot? Find(string key) => _entries.GetValueOrDefault(key)?.Snapshot;

    public IReadOnlyList<ContainerSnapshot> List() => [.. _entries.Values.Select(e => e.Snapshot).OrderBy(s => s.Key, StringComparer.Ordinal)];

    /// <summary>The directories of layers, below <c>l/</c>, that snapshots use; null while of one it is not known.</summary>
    public IReadOnlySet<string>? UsedDirectories()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach (SnapshotEntry entry in _entries.Values)
        {
            if (entry.Directories is not { } directories)
                return null;
            used.UnionWith(directories);
        }

        return used;
    }

    /// <param name="volumes">Images whose layers are held together with those of <paramref name="image"/>.</param>
    public ContainerSnapshot Create(string key, Image image, IReadOnlyCollection<Image> volumes)
    {
        SnapshotKey.Check(key);
        using IDisposable lease = _layers.Lease([.. volumes.Prepend(image).SelectMany(one => one.DiffIds)]);
        List<Layer> layers = LayersOf(image);
        var record = new SnapshotRecord
        {
            Version = SnapshotRecord.CurrentVersion,
            ImageId = image.Id,
            DiffIds = image.DiffIds,
            Directories = Names(layers),
            Volumes = volumes.Count == 0 ? null : [.. volumes.DistinctBy(v => v.Id).Select(v => new HeldImageRecord(v.Id, v.DiffIds, Names(LayersOf(v))))],
        };
        byte[] temporary = Encoding.ASCII.GetBytes(DurableFile.TemporaryPrefix + Guid.NewGuid().ToString("n"));
        try
        {
            Fill(temporary, record, layers);
            if (!_snapshots.TryRenameNew(temporary, _snapshots, Encoding.ASCII.GetBytes(key)))
            {
                throw new ImageException(ImageErrorKind.FailedPrecondition, $"there is already a snapshot {key}");
            }
        }
        catch (Exception e)
        {
            _reaper.Discard(_snapshots, temporary);
            throw e is LinuxException linux ? LayerFailure.Explain(linux, $"the snapshot {key} cannot be made") : e;
        }

        SnapshotEntry entry = Describe(key, record);
        _entries[key] = entry;
        return entry.Snapshot;
    }

    /// <summary>The snapshot that was removed; null when there was none.</summary>
    public ContainerSnapshot? Remove(string key)
    {
        SnapshotKey.Check(key);
        _reaper.Discard(_snapshots, Encoding.ASCII.GetBytes(key));
        return _entries.TryRemove(key, out SnapshotEntry? removed) ? removed.Snapshot : null;
    }

    public void Dispose() => _snapshots.Dispose();

    private void Load()
    {
        using var reader = new DirectoryReader(_snapshots);
        List<string> names = [];
        while (reader.MoveNext())
        {
            names.Add(Encoding.UTF8.GetString(reader.Name));
        }

        foreach (string name in names)
        {
            if (SnapshotKey.IsValid(name))
            {
                _entries[name] = Load(name);
            }
            else
            {
                _reaper.Discard(_snapshots, Encoding.UTF8.GetBytes(name));
            }
        }
    }

    /// <summary>A container may be running on it: it stays, whatever became of its record or of its layers' records, until its container is removed.</summary>
    private SnapshotEntry Load(string key)
    {
        try
        {
            byte[]? content = DurableFile.TryRead(_snapshots, $"{key}/layers", MaxRecordSize);
            SnapshotRecord record = JsonSerializer.Deserialize(content, StoreJson.Default.SnapshotRecord) ?? throw new JsonException("the record is null");
            if (record.Version != SnapshotRecord.CurrentVersion)
                throw new JsonException($"the record has version {record.Version}; this program knows {SnapshotRecord.CurrentVersion}");
            return Describe(key, WithDirectories(record));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or LinuxException)
        {
            _warn($"reading the record snapshots/{key}/layers: all layers stay until container {key} is removed", e);
            return new SnapshotEntry(Place(key, "", []), null);
        }
    }

    /// <summary>A record of an earlier program, completed from the layers that there are.</summary>
    private SnapshotRecord WithDirectories(SnapshotRecord record)
    {
        return record with
        {
            Directories = record.Directories ?? Find(record.DiffIds),
            Volumes = record.Volumes is null ? null : [.. record.Volumes.Select(v => v with { Directories = v.Directories ?? Find(v.DiffIds) })],
        };

        List<string> Find(IReadOnlyList<Digest> diffIds) => FindLayers(diffIds) is { } layers
            ? Names(layers)
            : throw new InvalidDataException("a layer of it is missing");
    }

    private List<Layer> LayersOf(Image image) => FindLayers(image.DiffIds)
        ?? throw new ImageException(ImageErrorKind.NotFound, $"image {image.Id} was removed: pull it again");

    private static List<string> Names(List<Layer> layers) => layers.ConvertAll(static layer => layer.Name);

    private List<Layer>? FindLayers(IReadOnlyList<Digest> diffIds)
    {
        List<Layer> layers = [];
        foreach (Digest diffId in diffIds)
        {
            if (_layers.Find(diffId) is not { } layer)
            {
                return null;
            }

            layers.Add(layer);
        }

        return layers;
    }

    private void Fill(byte[] name, SnapshotRecord record, List<Layer> layers)
    {
        _snapshots.TryMakeDirectory(name, Private);
        using DirectoryFd directory = _snapshots.OpenDirectory(name, PathResolution.NoSymlinks);
        directory.TryMakeDirectory("work"u8, Private);
        directory.TryMakeDirectory("upper"u8, Private);
        using (DirectoryFd upper = directory.OpenDirectory("upper"u8, PathResolution.NoSymlinks))
        {
            CopyRoot(upper, layers.FindLast(l => l.HasRootEntry));
        }

        using FileDescriptor file = directory.TryCreateFile("layers"u8, 0x180) ?? throw new LinuxException("openat", "layers", Errno.EEXIST);
        FileWriting.WriteAt(file, JsonSerializer.SerializeToUtf8Bytes(record, StoreJson.Default.SnapshotRecord), 0);
    }

    /// <summary>The mount's root has the attributes of the upper directory: those of the highest layer that says something of its root.</summary>
    private void CopyRoot(DirectoryFd upper, Layer? layer)
    {
        uint permissions = 0x1ED;
        if (layer is not null)
        {
            using DirectoryFd root = _layers.OpenDirectory(layer);
            FileFacts facts = root.TryStat(default)!.Value;
            permissions = facts.Permissions;
            InodeAttributes.SetOwner(upper.Descriptor, facts.Uid, facts.Gid);
        }

        InodeAttributes.SetPermissions(upper.Descriptor, permissions);
    }

    private SnapshotEntry Describe(string key, SnapshotRecord record)
    {
        IReadOnlyList<HeldImageRecord> volumes = record.Volumes ?? [];
        ContainerSnapshot snapshot = Place(key, record.ImageId, record.Directories!) with { Volumes = [.. volumes.Select(View)] };
        return new SnapshotEntry(snapshot, [.. record.Directories!, .. volumes.SelectMany(v => v.Directories!)]);
    }

    private ContainerSnapshot Place(string key, string imageId, IReadOnlyList<string> directories)
    {
        string own = $"{_rootPath}/snapshots/{key}";
        return new ContainerSnapshot(key, imageId, _rootPath, LowerDirs(directories), $"{own}/upper", $"{own}/work");
    }

    private ImageView View(HeldImageRecord held)
    {
        List<string> lower = LowerDirs(held.Directories!);
        if (lower.Count == 1)
            lower.Add($"{_rootPath}/bottom");
        return new ImageView(held.ImageId, lower);
    }

    /// <summary>Top first, and each directory once, as overlayfs wants them.</summary>
    private List<string> LowerDirs(IReadOnlyList<string> directories)
    {
        List<string> lower = [.. directories.Reverse().Select(name => $"{_rootPath}/l/{name}").Distinct(StringComparer.Ordinal)];
        if (lower.Count == 0)
            lower.Add($"{_rootPath}/empty");
        return lower;
    }
}
