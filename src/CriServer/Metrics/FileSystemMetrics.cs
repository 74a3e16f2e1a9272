using System.Collections.Immutable;
using CriRuntime.CriServer.Stats;
using CriRuntime.Linux;
using static CriRuntime.CriServer.Metrics.MetricDefinition;

namespace CriRuntime.CriServer.Metrics;

/// <summary>What a container has written, and what the file system below has room for.</summary>
internal static class FileSystemMetrics
{
    private static readonly MetricDefinition Usage = Gauge("container_fs_usage_bytes", "Number of bytes the container has written above its image.");
    private static readonly MetricDefinition Limit = Gauge("container_fs_limit_bytes", "Size in bytes of the file system that holds the container's writable layer.");
    private static readonly MetricDefinition Inodes = Gauge("container_fs_inodes_total", "Number of inodes of that file system.");
    private static readonly MetricDefinition InodesFree = Gauge("container_fs_inodes_free", "Number of free inodes of that file system.");

    internal static ImmutableArray<MetricDefinition> All { get; } = [Usage, Limit, Inodes, InodesFree];

    /// <param name="use">The last measurement; null before the first.</param>
    /// <param name="space">Null when it cannot be told.</param>
    internal static void AddTo(MetricRows rows, LayerUse? use, FileSystemSpace? space)
    {
        rows.Add(Usage, use?.Bytes ?? 0);
        if (space is null)
            return;
        rows.Add(Limit, (ulong)space.Value.TotalBytes);
        rows.Add(Inodes, (ulong)space.Value.TotalInodes);
        rows.Add(InodesFree, (ulong)space.Value.FreeInodes);
    }

    /// <summary>The space of the file system that a directory is on; null when the directory is missing.</summary>
    internal static FileSystemSpace? SpaceOf(string directory)
    {
        try
        {
            using DirectoryFd opened = DirectoryFd.Open(directory);
            return opened.Space();
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
