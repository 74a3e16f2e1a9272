using System.Collections.Immutable;
using System.Text;

namespace CriRuntime.Oci.Cgroups;

/// <summary>Finds the cgroup mounts in mountinfo and this process's place in each.</summary>
internal static class CgroupMountParser
{
    internal static ImmutableArray<CgroupMount> Parse(string mountInfo, string selfCgroup, Func<string, string> unifiedControllers)
    {
        Dictionary<string, string> ownPaths = OwnPaths(selfCgroup);
        Dictionary<string, CgroupMount> found = [];
        foreach (string line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4)
                continue;
            string mountPoint = Unescape(fields[4]);
            string root = Unescape(fields[3]);
            string type = fields[dash + 1];
            string key = type switch
            {
                "cgroup2" => "",
                "cgroup" => HierarchyKey(fields[dash + 3], ownPaths),
                _ => "none",
            };
            // The first mount of a hierarchy wins: a second one is a bind mount of some part of it.
            if (key == "none" || found.ContainsKey(key))
                continue;
            string own = RelativeTo(root, ownPaths.GetValueOrDefault(key, "/"));
            found.Add(key, type == "cgroup2"
                ? new CgroupMount(mountPoint, CgroupVersion.V2, Words(unifiedControllers(mountPoint), ' '), own)
                : new CgroupMount(mountPoint, CgroupVersion.V1, key.StartsWith("name=", StringComparison.Ordinal) ? [] : Words(key, ','), own));
        }
        return [.. found.Values];
    }

    /// <summary>Lines <c>id:controllers:path</c>; the controllers are empty for v2.</summary>
    private static Dictionary<string, string> OwnPaths(string selfCgroup)
    {
        Dictionary<string, string> paths = [];
        foreach (string line in selfCgroup.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3)
                paths.TryAdd(parts[1], parts[2]);
        }
        return paths;
    }

    /// <summary>The controllers of a v1 mount as /proc/self/cgroup spells them; its mount options hold them among others, perhaps in another order.</summary>
    private static string HierarchyKey(string superOptions, Dictionary<string, string> ownPaths)
    {
        string[] options = superOptions.Split(',');
        foreach (string key in ownPaths.Keys)
        {
            if (key.Length > 0 && Array.TrueForAll(key.Split(','), controller => Array.IndexOf(options, controller) >= 0))
                return key;
        }
        return "none";
    }

    /// <summary>In a container without a cgroup namespace the mount shows a part of the hierarchy, and paths name the whole.</summary>
    private static string RelativeTo(string root, string path)
    {
        if (root == "/" || path == root)
            return root == "/" ? path : "/";
        return path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : "/";
    }

    private static ImmutableArray<string> Words(string text, char separator) =>
        [.. text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>Space, tab, newline and backslash are octal in mountinfo.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
            return field;
        var text = new StringBuilder(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            bool octal = field[i] == '\\' && i + 3 < field.Length;
            text.Append(octal ? (char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')) : field[i]);
            i += octal ? 3 : 0;
        }
        return text.ToString();
    }
}
