using System.Text;

namespace CriRuntime.Oci.Planning;

/// <summary>Paths in mount options: a colon stands between two, and a backslash before each comma, colon and backslash that belongs to a path.</summary>
public static class OptionPaths
{
    /// <summary>Paths as one value, such as that of overlayfs' <c>lowerdir</c>.</summary>
    public static string Join(IEnumerable<string> paths) => string.Join(':', paths.Select(Escape));

    /// <summary>One path as a value.</summary>
    public static string Escape(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    /// <summary>What <see cref="Join"/> made one of.</summary>
    public static IReadOnlyList<string> Split(string value)
    {
        List<string> paths = [];
        StringBuilder path = new();
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                path.Append(value[++i]);
            }
            else if (value[i] == ':')
            {
                paths.Add(path.ToString());
                path.Clear();
            }
            else
            {
                path.Append(value[i]);
            }
        }
        paths.Add(path.ToString());
        return paths;
    }
}
