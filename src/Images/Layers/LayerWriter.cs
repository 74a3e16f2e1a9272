using CriRuntime.Images.Content;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>
/// Writes the members of a layer's tar into a directory, in overlayfs' form. The archive is hostile: every path is walked by openat2 with the layer's directory as its
/// root, the last component is never followed, and hard links stay within the layer. Attributes are set after content, directories' at the end.
/// </summary>
internal sealed partial class LayerWriter : ITarVisitor, IDisposable
{
    private const int BlockSize = 4096;
    private const long WritebackStep = 16L << 20;
    private const long SpaceCheckStep = 32L << 20;

    private readonly DirectoryFd _root;
    private readonly DirectoryFd _spill;
    private readonly LayerLimits _limits;
    private readonly DirectoryTable _directories = new();
    private readonly byte[] _pathBuffer = new byte[4096];
    private readonly byte[] _targetBuffer = new byte[4096];

    private byte[] _parentPath = [];
    private DirectoryFd? _parent; // of _parentPath; members of one directory mostly follow one another
    private DirectoryFd? _linkParent;

    private FileDescriptor? _file;
    private long _written;
    private long _nextWriteback;
    private long _nextSpaceCheck;

    /// <param name="root">The layer's directory, empty.</param>
    /// <param name="spill">A directory beside it that only this writer uses: see <see cref="TreeRemoval"/>.</param>
    public LayerWriter(DirectoryFd root, DirectoryFd spill, LayerLimits limits)
    {
        (_root, _spill, _limits) = (root, spill, limits);
        InodeAttributes.SetOwner(root.Descriptor, 0, 0);
        InodeAttributes.SetPermissions(root.Descriptor, 0x1ED); // nor is a setgid bit of the store inherited
        Inodes = 1;
        UsedBytes = BlockSize;
    }

    public long Inodes { get; private set; }

    public long UsedBytes { get; private set; }

    public bool HasRootEntry { get; private set; }

    public List<string> ImpliedDirectories => _directories.ImpliedDirectories();

    public void Begin(TarEntry entry)
    {
        LayerPath path = LayerPath.Clean(entry.Name.Span, _pathBuffer);
        if (path.Depth > _limits.MaxPathDepth)
        {
            throw Exceeded($"the path of {EntryName.Show(path.Full)} has more than {_limits.MaxPathDepth} components");
        }

        if (path.IsRoot)
        {
            MakeRoot(entry);
        }
        else if (Whiteouts.IsWhiteout(path.Name))
        {
            MakeWhiteout(path);
        }
        else
        {
            Make(path, entry);
        }
    }

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        if (_file is null)
        {
            return; // the content of a whiteout means nothing
        }

        FileWriting.WriteAt(_file, data, offset);
        _written = offset + data.Length;
        if (_written >= _nextWriteback)
        {
            FileWriting.StartWriteback(_file); // so that the sync at the end has little left to wait for
            _nextWriteback += WritebackStep;
        }

        CountBytes(data.Length);
    }

    public void End(TarEntry entry)
    {
        if (_file is not { } file)
        {
            return;
        }

        if (entry.Length > _written)
        {
            FileWriting.SetLength(file, entry.Length); // a hole at the end
        }

        UsedBytes += BlockSize - 1 - ((entry.Length - 1) & (BlockSize - 1));
        if (entry.Uid != 0 || entry.Gid != 0)
        {
            InodeAttributes.SetOwner(file, Id(entry.Uid), Id(entry.Gid));
        }

        InodeAttributes.SetPermissions(file, entry.Permissions); // chown clears setuid, so it comes second
        SetXattrs(file, entry);
        InodeAttributes.SetTimes(file, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
        file.Dispose();
        _file = null;
    }

    /// <summary>Sets what had to wait until all is there.</summary>
    public void Complete() => _directories.Apply(_root);

    public void Dispose()
    {
        _file?.Dispose();
        _parent?.Dispose();
        _linkParent?.Dispose();
    }

    private void CountBytes(long count)
    {
        UsedBytes += count;
        if (UsedBytes >= _nextSpaceCheck)
        {
            CheckSpace();
            _nextSpaceCheck = UsedBytes + SpaceCheckStep;
        }
    }

    private void CheckSpace()
    {
        long available = _root.Space().AvailableBytes;
        if (available < _limits.MinAvailableBytes)
        {
            throw Exceeded($"the image store's file system has {available >> 20} MiB left, of which {_limits.MinAvailableBytes >> 20} MiB are kept free: free disk space");
        }
    }

    private void CountInode()
    {
        if (++Inodes > _limits.MaxEntries)
        {
            throw Exceeded($"it has more than {_limits.MaxEntries} entries");
        }

        CountBytes(0);
    }

    private static void SetXattrs(FileDescriptor file, TarEntry entry)
    {
        foreach (TarXattr xattr in entry.Xattrs)
        {
            if (XattrPolicy.IsAllowed(xattr.Name.Span))
            {
                // A file system without them loses them, as every tar accepts.
                _ = InodeAttributes.TrySetXattr(file, xattr.Name.Span, xattr.Value.Span);
            }
        }
    }

    /// <summary>A kernel id; the largest number means "unchanged" to chown and is no id.</summary>
    private static uint Id(long id) =>
        id < uint.MaxValue ? (uint)id : throw new InvalidDataException($"the owner {id} is not a Linux user or group id");

    private static ImageException Exceeded(string what) => new(ImageErrorKind.ResourceExhausted, what);
}
