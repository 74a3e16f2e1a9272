using CriRuntime.Images.Content;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>One method per kind of member. A name that an earlier member took is replaced, as the last one wins.</summary>
internal sealed partial class LayerWriter
{
    private const uint WhileUnpacking = 0x1C0; // 0700

    private void MakeRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
        {
            throw new InvalidDataException("the layer's root is not a directory");
        }

        HasRootEntry = true;
        SetDirectory(_root, default, entry);
    }

    private void MakeWhiteout(LayerPath path)
    {
        if (Whiteouts.IsAufsMetadata(path.Name))
        {
            return;
        }

        DirectoryFd parent = OpenParent(path.Parent);
        if (Whiteouts.IsOpaque(path.Name))
        {
            Whiteouts.MakeOpaque(parent);
            return;
        }

        ReadOnlySpan<byte> hidden = Whiteouts.HiddenName(path.Name);
        CountInode();
        if (!Whiteouts.TryMake(parent, hidden) && parent.TryStat(hidden)?.Kind == FileKind.Directory)
        {
            // Whiteouts hide lower layers only: a directory of this layer stays, and shows nothing of the hidden one.
            using DirectoryFd directory = parent.OpenDirectory(hidden);
            Whiteouts.MakeOpaque(directory);
        }
    }

    private void Make(LayerPath path, TarEntry entry)
    {
        DirectoryFd parent = OpenParent(path.Parent);
        CountInode();
        switch (entry.Kind)
        {
            case TarEntryKind.RegularFile:
                MakeFile(parent, path, entry);
                break;
            case TarEntryKind.Directory:
                MakeDirectory(parent, path, entry);
                break;
            case TarEntryKind.SymbolicLink:
                MakeSymlink(parent, path, entry);
                break;
            case TarEntryKind.HardLink:
                MakeHardLink(parent, path, entry);
                break;
            default:
                MakeNode(parent, path, entry);
                break;
        }
    }

    private void MakeFile(DirectoryFd parent, LayerPath path, TarEntry entry)
    {
        if (entry.Length > _limits.MaxLayerBytes)
        {
            throw Exceeded($"the file {EntryName.Show(path.Full)} has {entry.Length} bytes (at most {_limits.MaxLayerBytes} are accepted)");
        }

        (_written, _nextWriteback) = (0, WritebackStep);
        _file = parent.TryCreateFile(path.Name, WhileUnpacking);
        if (_file is null)
        {
            Clear(parent, path);
            _file = parent.TryCreateFile(path.Name, WhileUnpacking) ?? throw Taken(path);
        }
    }

    private void MakeDirectory(DirectoryFd parent, LayerPath path, TarEntry entry)
    {
        bool opaque = false;
        if (!parent.TryMakeDirectory(path.Name, WhileUnpacking) && parent.TryStat(path.Name) is { Kind: not FileKind.Directory } existing)
        {
            opaque = Whiteouts.IsWhiteout(existing);
            Clear(parent, path);
            if (!parent.TryMakeDirectory(path.Name, WhileUnpacking))
            {
                throw Taken(path);
            }
        }

        UsedBytes += BlockSize;
        using DirectoryFd directory = parent.OpenDirectory(path.Name, PathResolution.NoSymlinks);
        if (opaque)
        {
            Whiteouts.MakeOpaque(directory);
        }

        SetDirectory(directory, path.Full, entry);
    }

    private void SetDirectory(DirectoryFd directory, ReadOnlySpan<byte> path, TarEntry entry)
    {
        InodeAttributes.SetOwner(directory.Descriptor, Id(entry.Uid), Id(entry.Gid));
        SetXattrs(directory.Descriptor, entry);
        _directories.SetNamed(path, entry.Permissions, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
    }

    private void MakeSymlink(DirectoryFd parent, LayerPath path, TarEntry entry)
    {
        ReadOnlySpan<byte> target = entry.LinkName.Span;
        if (target.IsEmpty)
        {
            throw new InvalidDataException($"the symbolic link {EntryName.Show(path.Full)} has no target");
        }

        if (!parent.TryMakeSymlink(target, path.Name))
        {
            Clear(parent, path);
            if (!parent.TryMakeSymlink(target, path.Name))
            {
                throw Taken(path);
            }
        }

        SetByName(parent, path.Name, entry);
    }

    private void MakeHardLink(DirectoryFd parent, LayerPath path, TarEntry entry)
    {
        LayerPath target = LayerPath.Clean(entry.LinkName.Span, _targetBuffer);
        if (target.Full.SequenceEqual(path.Full))
        {
            return; // a link to itself, as tars of overlapping paths have it
        }

        _linkParent?.Dispose();
        _linkParent = _root.TryOpenDirectory(target.Parent.IsEmpty ? "."u8 : target.Parent, PathResolution.InRoot);
        bool isFile = !target.IsRoot && _linkParent?.TryStat(target.Name) is { Kind: not FileKind.Directory };
        if (!isFile)
        {
            throw new InvalidDataException($"the hard link {EntryName.Show(path.Full)} leads to {EntryName.Show(entry.LinkName.Span)}, which is no file of this layer");
        }

        if (!_linkParent!.TryMakeLink(target.Name, parent, path.Name))
        {
            Clear(parent, path);
            if (!_linkParent.TryMakeLink(target.Name, parent, path.Name))
            {
                throw Taken(path);
            }
        }
    }

    private void MakeNode(DirectoryFd parent, LayerPath path, TarEntry entry)
    {
        FileKind kind = entry.Kind switch
        {
            TarEntryKind.CharacterDevice => FileKind.CharacterDevice,
            TarEntryKind.BlockDevice => FileKind.BlockDevice,
            _ => FileKind.Fifo,
        };
        if (!parent.TryMakeNode(path.Name, kind, WhileUnpacking, entry.DeviceMajor, entry.DeviceMinor))
        {
            Clear(parent, path);
            if (!parent.TryMakeNode(path.Name, kind, WhileUnpacking, entry.DeviceMajor, entry.DeviceMinor))
            {
                throw Taken(path);
            }
        }

        SetByName(parent, path.Name, entry);
    }

    /// <summary>Owner, mode, attributes and time of what cannot be opened without side effects.</summary>
    private static void SetByName(DirectoryFd parent, ReadOnlySpan<byte> name, TarEntry entry)
    {
        parent.SetOwner(name, Id(entry.Uid), Id(entry.Gid));
        if (entry.Kind != TarEntryKind.SymbolicLink)
        {
            parent.SetNodePermissions(name, entry.Permissions);
        }

        foreach (TarXattr xattr in entry.Xattrs)
        {
            if (XattrPolicy.IsAllowed(xattr.Name.Span))
            {
                _ = parent.TrySetXattr(name, xattr.Name.Span, xattr.Value.Span);
            }
        }

        parent.SetTimes(name, entry.ModifiedSeconds, entry.ModifiedNanoseconds);
    }

    /// <summary>Makes room for a later member of the same name.</summary>
    private void Clear(DirectoryFd parent, LayerPath path)
    {
        ForgetParent();
        if (parent.TryStat(path.Name)?.Kind != FileKind.Directory)
        {
            parent.Unlink(path.Name);
            return;
        }

        TreeRemoval.Remove(parent, path.Name.ToArray(), _spill);
        _directories.Remove(path.Full);
    }

    private static InvalidDataException Taken(LayerPath path) => new($"the name {EntryName.Show(path.Full)} cannot be replaced");
}
