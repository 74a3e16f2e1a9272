using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>A cgroup directory and those below it, which the processes in it may have made.</summary>
internal static class CgroupTree
{
    /// <summary>The directory first, then what is below, parents before children; what disappears meanwhile is left out.</summary>
    internal static List<string> Directories(string root)
    {
        List<string> found = [root];
        for (int i = 0; i < found.Count; i++)
            AddChildren(found[i], found);
        return found;
    }

    private static void AddChildren(string parent, List<string> found)
    {
        try
        {
            using DirectoryFd opened = DirectoryFd.Open(parent);
            using DirectoryReader reader = new(opened);
            while (reader.MoveNext())
            {
                if (reader.Kind == FileKind.Directory)
                    found.Add($"{parent}/{Encoding.UTF8.GetString(reader.Name)}");
            }
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV or Errno.EACCES)
        {
            // Removed meanwhile.
        }
    }
}
