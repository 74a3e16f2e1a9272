using System.Text;

namespace CriRuntime.Oci.Cgroups;

/// <summary>Checks of a cgroup path before anything is made from it (config-linux.md, Cgroups Path).</summary>
public static class CgroupPath
{
    /// <summary>
    /// The segments of an absolute or relative cgroupfs path. Refuses what could lead out of the hierarchy or is not a
    /// cgroup's name: "..", ".", NUL and newline characters, names longer than 255 bytes, the hierarchy's root itself,
    /// and the systemd driver's <c>slice:prefix:name</c>.
    /// </summary>
    /// <exception cref="CgroupException"/>
    public static string[] Segments(string cgroupsPath)
    {
        if (cgroupsPath.Split(':') is [_, _, _] && !cgroupsPath.StartsWith('/'))
            throw Refusal(cgroupsPath, "has the form slice:prefix:name of the systemd cgroup driver, and this is the cgroupfs driver: give --systemd-cgroup, or a path");
        string[] segments = cgroupsPath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length == 0)
            throw Refusal(cgroupsPath, "names no cgroup below the root");
        foreach (string segment in segments)
            CheckSegment(cgroupsPath, segment);
        // PATH_MAX with room for the mount point and the longest file name.
        if (Encoding.UTF8.GetByteCount(cgroupsPath) > 3500)
            throw Refusal(cgroupsPath[..64] + "...", "is longer than 3500 bytes");
        return segments;
    }

    private static void CheckSegment(string path, string segment)
    {
        if (segment is "." or "..")
            throw Refusal(path, $"has the segment \"{segment}\"");
        if (segment.AsSpan().IndexOfAny('\0', '\n') >= 0)
            throw Refusal(path.Replace('\0', '?').Replace('\n', '?'), "has a NUL or newline character");
        if (Encoding.UTF8.GetByteCount(segment) > 255)
            throw Refusal(path[..64] + "...", "has a name longer than 255 bytes");
    }

    private static CgroupException Refusal(string path, string problem) => new($"linux.cgroupsPath \"{path}\" {problem}");
}
