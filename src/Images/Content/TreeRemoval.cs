using System.Globalization;
using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Images.Content;

/// <summary>
/// Removes directory trees of any depth and width in constant memory: no recursion, no joined paths, a fixed number of descriptors. A directory that lies
/// too deep is moved up into a spill directory, which is emptied in the same way. Symbolic links are never followed, and nothing is written but names.
/// </summary>
internal sealed class TreeRemoval : IDisposable
{
    private const int MaxOpenDirectories = 32;
    private readonly DirectoryFd _spill;
    private readonly Stack<OpenDirectory> _open = new();
    private readonly CancellationToken _cancellationToken;
    private long _spilled;

    private TreeRemoval(DirectoryFd spill, CancellationToken cancellationToken)
    {
        _spill = spill;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Removes a name and everything below it; nothing happens when there is none.</summary>
    /// <param name="spill">An existing directory on the same file system, used only by this call and never for the tree itself; ends empty of what this call put there.</param>
    public static void Remove(DirectoryFd parent, string name, DirectoryFd spill, CancellationToken cancellationToken = default) =>
        Remove(parent, Encoding.UTF8.GetBytes(name), spill, cancellationToken);

    /// <inheritdoc cref="Remove(DirectoryFd, string, DirectoryFd, CancellationToken)"/>
    public static void Remove(DirectoryFd parent, byte[] name, DirectoryFd spill, CancellationToken cancellationToken = default)
    {
        using var removal = new TreeRemoval(spill, cancellationToken);
        removal.RemoveTree(parent, name);
        for (long i = 0; i < removal._spilled; i++)
        {
            removal.RemoveTree(spill, SpillName(i));
        }
    }

    public void Dispose()
    {
        while (_open.TryPop(out OpenDirectory? directory))
        {
            directory.Dispose();
        }
    }

    private void RemoveTree(DirectoryFd parent, byte[] name)
    {
        RemoveEntry(parent, name, FileKind.Unknown);
        while (_open.TryPeek(out OpenDirectory? current))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (current.Reader.MoveNext())
            {
                RemoveEntry(current.Directory, current.Reader.Name, current.Reader.Kind);
            }
            else
            {
                Leave(current);
            }
        }
    }

    private void RemoveEntry(DirectoryFd parent, ReadOnlySpan<byte> name, FileKind kind)
    {
        if (kind == FileKind.Unknown)
        {
            kind = parent.TryStat(name)?.Kind ?? FileKind.Unknown;
        }

        if (kind != FileKind.Directory)
        {
            parent.Unlink(name);
            return;
        }

        if (_open.Count >= MaxOpenDirectories)
        {
            while (!parent.TryRenameNew(name, _spill, SpillName(_spilled++)))
            {
                // A removal that died before left this one behind.
            }

            return;
        }

        if (parent.TryOpenDirectory(name, PathResolution.NoSymlinks) is { } directory)
        {
            _open.Push(new OpenDirectory(parent, name.ToArray(), directory));
        }
    }

    private void Leave(OpenDirectory current)
    {
        try
        {
            current.Parent.RemoveDirectory(current.Name);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOTEMPTY && current.Rewinds++ < OpenDirectory.MaxRewinds)
        {
            current.Reader.Rewind(); // entries may be passed over while others vanish
            return;
        }

        _open.Pop();
        current.Dispose();
    }

    private static byte[] SpillName(long number) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".spill-{number}"));

    private sealed class OpenDirectory(DirectoryFd parent, byte[] name, DirectoryFd directory) : IDisposable
    {
        public const int MaxRewinds = 100;

        public DirectoryFd Parent { get; } = parent;

        public byte[] Name { get; } = name;

        public DirectoryFd Directory { get; } = directory;

        public DirectoryReader Reader { get; } = new(directory);

        public int Rewinds { get; set; }

        public void Dispose()
        {
            Reader.Dispose();
            Directory.Dispose();
        }
    }
}
