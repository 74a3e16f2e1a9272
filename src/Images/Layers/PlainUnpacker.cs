using CriRuntime.Images.Layers.Tar;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>
/// Takes an archive that may hold nothing but files in at most one directory, as a checkpoint's does: no links, devices or other names that lead elsewhere. The first thing that is
/// anything else ends it.
/// </summary>
internal sealed class PlainUnpacker(DirectoryFd root, LayerLimits limits) : ITarVisitor, IDisposable
{
    private const long SpaceCheckStep = 32L << 20;
    private const int MaxName = 255;
    private FileDescriptor? _file;
    private long _total;
    private long _nextSpaceCheck;
    private int _members;

    public void Begin(TarEntry entry)
    {
        if (++_members > limits.MaxEntries)
        {
            throw new ImageException(ImageErrorKind.ResourceExhausted, $"the archive has more than {limits.MaxEntries} members");
        }

        (byte[] folder, byte[] name) = Split(entry.Name.Span);
        if (entry.Kind == TarEntryKind.Directory)
        {
            MakeDirectory(folder, name);
            return;
        }

        if (entry.Kind != TarEntryKind.RegularFile || name.Length == 0)
        {
            throw new InvalidDataException($"its member {EntryName.Show(entry.Name.Span)} is neither a file nor a directory ({entry.Kind})");
        }

        if (entry.Length > limits.MaxLayerBytes)
        {
            throw TooLarge();
        }

        Put(folder, name, entry);
    }

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        _total += data.Length;
        if (_total > limits.MaxLayerBytes)
        {
            throw TooLarge();
        }

        if (_total >= _nextSpaceCheck)
        {
            _nextSpaceCheck = _total + SpaceCheckStep;
            if (root.Space().AvailableBytes < limits.MinAvailableBytes)
            {
                throw new ImageException(ImageErrorKind.ResourceExhausted, "the disk is full: free space");
            }
        }

        FileWriting.WriteAt(_file!, data, offset);
    }

    public void End(TarEntry entry)
    {
        if (_file is not null)
        {
            FileWriting.SetLength(_file, entry.Length);
        }

        _file?.Dispose();
        _file = null;
    }

    public void Dispose() => _file?.Dispose();

    private void Put(byte[] folder, byte[] name, TarEntry entry)
    {
        if (folder.Length > 0)
        {
            root.TryMakeDirectory(folder, 0x1C0);
        }

        using DirectoryFd parent = root.OpenDirectory(folder.Length > 0 ? folder : "."u8, PathResolution.NoSymlinks | PathResolution.Beneath);
        _file = parent.TryCreateFile(name, 0x180)
            ?? throw new InvalidDataException($"its member {EntryName.Show(entry.Name.Span)} is there twice");
    }

    private void MakeDirectory(byte[] folder, byte[] name)
    {
        if (folder.Length > 0)
        {
            throw new InvalidDataException($"its directory {EntryName.Show(name)} lies in another one");
        }

        if (name.Length > 0)
        {
            root.TryMakeDirectory(name, 0x1C0);
        }
    }

    /// <summary>At most one folder and a name, both empty for the root.</summary>
    private static (byte[] Folder, byte[] Name) Split(ReadOnlySpan<byte> path)
    {
        List<byte[]> parts = [];
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = path[range];
            if (part.SequenceEqual(".."u8) || part.Length > MaxName || (range.Start.Value == 0 && part.IsEmpty && path.Length > 0) || part.Contains((byte)0))
            {
                throw new InvalidDataException($"its member {EntryName.Show(path)} leads out of it");
            }

            if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                parts.Add(part.ToArray());
            }
        }

        return parts.Count switch
        {
            0 => ([], []),
            1 => ([], parts[0]),
            2 => (parts[0], parts[1]),
            _ => throw new InvalidDataException($"its member {EntryName.Show(path)} lies deeper than a checkpoint's files do"),
        };
    }

    private ImageException TooLarge() => new(ImageErrorKind.ResourceExhausted, $"the archive has more than {limits.MaxLayerBytes} bytes");
}
