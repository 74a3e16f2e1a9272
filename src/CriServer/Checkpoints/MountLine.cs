using System.Globalization;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>A line of /proc/PID/mountinfo (proc(5)).</summary>
/// <param name="Device">The file system's, as MAJOR:MINOR.</param>
/// <param name="Root">The part of the file system that is mounted.</param>
public sealed record MountLine(int Id, string Device, string Root, string MountPoint, string Type)
{
    public static IReadOnlyList<MountLine> Parse(string mountinfo)
    {
        List<MountLine> lines = [];
        foreach (string line in mountinfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash > 5 && dash + 1 < fields.Length)
                lines.Add(new MountLine(int.Parse(fields[0], CultureInfo.InvariantCulture), fields[2], Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1]));
        }

        return lines;
    }

    /// <summary>Space, tab, newline and backslash are written in octal.</summary>
    private static string Unescape(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
