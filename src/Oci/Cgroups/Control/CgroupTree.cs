namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>A cgroup directory and those below it, which the processes in it may have made.</summary>
internal static class CgroupTree
{
    private static readonly EnumerationOptions Children = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <summary>The directory first, then what is below, parents before children; what disappears meanwhile is left out.</summary>
    internal static IEnumerable<string> Directories(string root)
    {
        Queue<string> pending = new([root]);
        while (pending.TryDequeue(out string? directory))
        {
            yield return directory;
            foreach (string child in ChildrenOf(directory))
                pending.Enqueue(child);
        }
    }

    private static string[] ChildrenOf(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory, "*", Children);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
