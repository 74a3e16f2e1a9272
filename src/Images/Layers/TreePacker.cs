using CriRuntime.Images.Layers.Tar;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>
/// Writes a directory's tree as the tar of a layer: overlayfs' whiteouts become the names that layers have for them (OCI layer.md, "Whiteouts"). The tree may be a
/// container's and is hostile: it is walked by descriptors, no link is followed, and nothing but regular files and directories is opened. Sockets are left out.
/// </summary>
internal sealed class TreePacker(Stream output, CancellationToken cancellationToken)
{
    private const int MaxDepth = 256;
    private readonly TarWriter _tar = new(output);
    private readonly Dictionary<ulong, byte[]> _linked = [];
    private readonly byte[] _buffer = new byte[128 * 1024];

    /// <summary>The names that whiteouts hide, as they were met.</summary>
    public List<string> Deleted { get; } = [];

    /// <exception cref="ImageException">The tree is too deep, or has marks of overlayfs that a layer cannot say.</exception>
    /// <exception cref="LinuxException">Reading failed.</exception>
    public void Pack(DirectoryFd root)
    {
        Put(root, [], [], root.TryStat([])!.Value, depth: 0);
        _tar.Complete();
    }

    private void PackDirectory(DirectoryFd directory, byte[] path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ImageException(ImageErrorKind.FailedPrecondition, $"directories are nested more than {MaxDepth} deep");
        }

        if (InodeAttributes.TryGetXattr(directory.Descriptor, "trusted.overlay.opaque"u8) is [(byte)'y'])
        {
            _tar.Write(new TarEntry { Name = Join(path, ".wh..wh..opq"u8) }, []);
        }

        foreach (byte[] name in Names(directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What goes away meanwhile was never there.
            if (directory.TryStat(name) is { } facts)
            {
                Put(directory, name, Join(path, name), facts, depth + 1);
            }
        }
    }

    private void Put(DirectoryFd parent, byte[] name, byte[] path, FileFacts facts, int depth)
    {
        TarEntry entry = Describe(path, facts);
        switch (facts.Kind)
        {
            case FileKind.Directory:
                using (DirectoryFd directory = parent.OpenDirectory(name.Length == 0 ? "."u8 : name, PathResolution.NoSymlinks))
                {
                    entry.Kind = TarEntryKind.Directory;
                    entry.Name = path.Length == 0 ? "./"u8.ToArray() : (byte[])[.. path, (byte)'/'];
                    entry.Xattrs = XattrsOf(directory.Descriptor, path);
                    _tar.Begin(entry);
                    PackDirectory(directory, path, depth);
                }

                break;
            case FileKind.Regular:
                PutFile(parent, name, entry, facts);
                break;
            case FileKind.SymbolicLink:
                entry.Kind = TarEntryKind.SymbolicLink;
                entry.LinkName = parent.TryReadLink(name) ?? [];
                _tar.Begin(entry);
                break;
            case FileKind.CharacterDevice when Whiteouts.IsWhiteout(facts):
                Deleted.Add(EntryName.Show(path));
                _tar.Write(new TarEntry { Name = Join(path[..Math.Max(0, path.Length - name.Length - 1)], [.. ".wh."u8, .. name]) }, []);
                break;
            case FileKind.CharacterDevice or FileKind.BlockDevice or FileKind.Fifo:
                entry.Kind = facts.Kind switch { FileKind.Fifo => TarEntryKind.Fifo, FileKind.BlockDevice => TarEntryKind.BlockDevice, _ => TarEntryKind.CharacterDevice };
                (entry.DeviceMajor, entry.DeviceMinor) = (facts.DeviceMajor, facts.DeviceMinor);
                _tar.Begin(entry);
                break;
        }
    }

    private void PutFile(DirectoryFd parent, byte[] name, TarEntry entry, FileFacts facts)
    {
        if (facts.Links > 1 && !_linked.TryAdd(facts.Inode, entry.Name.ToArray()))
        {
            entry.Kind = TarEntryKind.HardLink;
            entry.LinkName = _linked[facts.Inode];
            _tar.Begin(entry);
            return;
        }

        using FileDescriptor file = parent.OpenForReading(name, PathResolution.NoSymlinks);
        entry.Length = facts.Size;
        entry.Xattrs = XattrsOf(file, entry.Name.Span);
        _tar.Begin(entry);
        for (long offset = 0; offset < facts.Size;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, facts.Size - offset));
            int read = file.ReadAt(piece, offset);
            // A file that has become shorter ends in zeros: the header has said its length.
            piece = read == 0 ? piece : piece[..read];
            if (read == 0)
            {
                piece.Clear();
            }

            _tar.WriteContent(piece);
            offset += piece.Length;
        }

        _tar.EndContent(entry);
    }

    private static TarEntry Describe(byte[] path, FileFacts facts) => new()
    {
        Name = path,
        Permissions = facts.Permissions,
        Uid = facts.Uid,
        Gid = facts.Gid,
        ModifiedSeconds = facts.ModifiedSeconds,
        ModifiedNanoseconds = facts.ModifiedNanoseconds,
    };

    private static List<TarXattr> XattrsOf(FileDescriptor file, ReadOnlySpan<byte> path)
    {
        List<TarXattr> found = [];
        foreach (byte[] name in InodeAttributes.ListXattrs(file))
        {
            if (name.AsSpan().SequenceEqual("trusted.overlay.redirect"u8) || name.AsSpan().SequenceEqual("trusted.overlay.metacopy"u8))
            {
                throw new ImageException(
                    ImageErrorKind.FailedPrecondition, $"{EntryName.Show(path)} is a redirect of overlayfs, which a layer can't say: turn redirect_dir and metacopy of the module overlay off");
            }

            if (XattrPolicy.IsAllowed(name) && InodeAttributes.TryGetXattr(file, name) is { } value)
            {
                found.Add(new TarXattr(name, value));
            }
        }

        return found;
    }

    private static List<byte[]> Names(DirectoryFd directory)
    {
        List<byte[]> names = [];
        using DirectoryReader reader = new(directory);
        while (reader.MoveNext())
        {
            names.Add(reader.Name.ToArray());
        }

        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }

    private static byte[] Join(byte[] path, ReadOnlySpan<byte> name) => path.Length == 0 ? name.ToArray() : [.. path, (byte)'/', .. name];
}
