using CriRuntime.Linux;

namespace CriRuntime.Images.Snapshots;

/// <summary>
/// Disk space of a tree that a container may be changing meanwhile: links are not followed, hard links count once, and memory is bounded. Directories nested deeper than
/// <see cref="MaxDepth"/> levels are not entered.
/// </summary>
internal static class TreeUsage
{
    /// <summary>Levels that are measured.</summary>
    public const int MaxDepth = 256;

    private const int BlockSize = 512; // of st_blocks
    private const int MaxLinksRemembered = 1 << 16;

    public static (long Bytes, long Inodes) Measure(DirectoryFd root, CancellationToken cancellationToken)
    {
        long bytes = 0;
        long inodes = 0;
        HashSet<ulong> linked = [];
        var open = new Stack<(DirectoryFd Directory, DirectoryReader Reader)>();
        try
        {
            Count(root.TryStat(default));
            open.Push((root, new DirectoryReader(root)));
            while (open.TryPeek(out (DirectoryFd Directory, DirectoryReader Reader) current))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!current.Reader.MoveNext())
                {
                    Close(open.Pop());
                }
                else if (Count(current.Directory.TryStat(current.Reader.Name)) && open.Count < MaxDepth
                    && current.Directory.TryOpenDirectory(current.Reader.Name, PathResolution.NoSymlinks) is { } child)
                {
                    open.Push((child, new DirectoryReader(child)));
                }
            }
        }
        finally
        {
            while (open.TryPop(out (DirectoryFd Directory, DirectoryReader Reader) rest))
            {
                Close(rest);
            }
        }

        return (bytes, inodes);

        bool Count(FileFacts? facts)
        {
            bool isCounted = facts is { Kind: not FileKind.Directory, Links: > 1 } shared
                && (linked.Contains(shared.Inode) || (linked.Count < MaxLinksRemembered && !linked.Add(shared.Inode)));
            if (facts is not { } file || isCounted)
            {
                return false;
            }

            bytes += file.Blocks * BlockSize;
            inodes++;
            return file.Kind == FileKind.Directory;
        }

        void Close((DirectoryFd Directory, DirectoryReader Reader) directory)
        {
            directory.Reader.Dispose();
            if (directory.Directory != root)
            {
                directory.Directory.Dispose();
            }
        }
    }
}
