using System.Text.RegularExpressions;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>The file <c>pod.dump</c> of a pod's checkpoint: which archive beside it is whose.</summary>
/// <param name="Version">1.</param>
/// <param name="Name">The pod's, for people.</param>
/// <param name="Namespace">Likewise.</param>
/// <param name="Containers">In the order in which they are restored.</param>
public sealed partial record PodDump(int Version, string Name, string Namespace, IReadOnlyList<PodDump.Entry> Containers)
{
    public const string FileName = "pod.dump";

    private const int MaxContainers = 4096;

    /// <param name="Name">The container's.</param>
    /// <param name="File">A checkpoint of a container, as CheckpointContainer writes it.</param>
    public sealed record Entry(string Name, string File);

    /// <summary>Of the container at a place of the list.</summary>
    public static string ArchiveOf(int place) => $"container-{place}.tar";

    /// <summary>Reads what anybody wrote.</summary>
    /// <exception cref="CriException">InvalidArgument: there is none, it is damaged, or it names what is not there.</exception>
    public static PodDump Read(string directory)
    {
        PodDump dump = CheckpointDocuments.Read(directory, FileName, CheckpointJson.Default.PodDump);
        if (dump.Version != 1)
            throw CriException.InvalidArgument($"its {FileName} is of version {dump.Version}; this runtime knows version 1");
        if (dump.Containers.Count is 0 or > MaxContainers)
            throw CriException.InvalidArgument($"its {FileName} names {dump.Containers.Count} containers; 1 to {MaxContainers} are allowed");
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (Entry entry in dump.Containers)
        {
            if (entry is null || entry.Name.Length == 0 || !names.Add(entry.Name))
                throw CriException.InvalidArgument($"its {FileName} has a container without a name of its own");
            if (!ArchiveName().IsMatch(entry.File) || !File.Exists(Path.Join(directory, entry.File)))
                throw CriException.InvalidArgument($"there is no checkpoint of container {Sandboxes.TextLimits.Shorten(entry.Name)} in it");
        }

        return dump;
    }

    [GeneratedRegex(@"^container-[0-9]{1,4}\.tar\z")]
    private static partial Regex ArchiveName();
}
