using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>Finding and making the directory that a member lies in.</summary>
internal sealed partial class LayerWriter
{
    /// <summary>The directory of a cleaned path, made where it is missing; links in the path are resolved within the layer. Stays this object's.</summary>
    private DirectoryFd OpenParent(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return _root;
        }

        if (_parent is { } same && path.SequenceEqual(_parentPath))
        {
            return same;
        }

        DirectoryFd opened = _root.TryOpenDirectory(path, PathResolution.InRoot) ?? MakeParents(path);
        _parent?.Dispose();
        _parent = opened;
        _parentPath = path.ToArray();
        return opened;
    }

    private DirectoryFd MakeParents(ReadOnlySpan<byte> path)
    {
        DirectoryFd current = _root;
        for (int end = 0; end < path.Length;)
        {
            int start = end == 0 ? 0 : end + 1;
            int slash = path[start..].IndexOf((byte)'/');
            end = slash < 0 ? path.Length : start + slash;
            DirectoryFd next = _root.TryOpenDirectory(path[..end], PathResolution.InRoot)
                ?? MakeImplied(current, path[..end], path[start..end]);
            Release(current);
            current = next;
        }

        return current;
    }

    private DirectoryFd MakeImplied(DirectoryFd parent, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        try
        {
            bool opaque = parent.TryStat(name) is { } existing && Whiteouts.IsWhiteout(existing) && parent.Unlink(name);
            if (!parent.TryMakeDirectory(name, WhileUnpacking))
            {
                throw new InvalidDataException($"{EntryName.Show(path)} is a file or a link to nowhere, and yet a member lies in it");
            }

            CountInode();
            UsedBytes += BlockSize;
            _directories.SetImplied(path);
            DirectoryFd made = parent.OpenDirectory(name, PathResolution.NoSymlinks);
            if (opaque)
            {
                Whiteouts.MakeOpaque(made);
            }

            return made;
        }
        catch
        {
            Release(parent);
            throw;
        }
    }

    /// <summary>After a link or directory was replaced, the same path may lead elsewhere.</summary>
    private void ForgetParent() => _parentPath = [];

    private void Release(DirectoryFd directory)
    {
        if (directory != _root)
        {
            directory.Dispose();
        }
    }
}
