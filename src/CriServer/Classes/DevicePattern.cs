using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Classes;

/// <summary>A path below <c>/dev</c> whose names may be patterns.</summary>
internal sealed class DevicePattern
{
    private readonly string _text;
    private readonly List<NamePattern> _names;

    private DevicePattern(string text, List<NamePattern> names) => (_text, _names) = (text, names);

    /// <exception cref="FormatException">It is not below /dev, or malformed.</exception>
    internal static DevicePattern Parse(string text)
    {
        string[] parts = text.Split('/');
        if (!text.StartsWith("/dev/", StringComparison.Ordinal) || parts.Skip(1).Any(static part => part is "" or "." or "..") || text.Contains('\0', StringComparison.Ordinal))
            throw new FormatException($"Devices: \"{TextLimits.Shorten(text)}\" is not a path below /dev");
        return new DevicePattern(text, [.. parts.Skip(1).Select(static part => new NamePattern(part))]);
    }

    /// <summary>What is there of these names; order is the directory's. A directory that can't be read has nothing.</summary>
    /// <param name="root">In front of <c>/dev</c>; empty but for tests.</param>
    internal IReadOnlyList<string> Expand(string root)
    {
        List<string> found = [root];
        foreach (NamePattern name in _names)
        {
            List<string> deeper = [];
            foreach (string directory in found)
            {
                if (name.Literal is { } literal)
                    deeper.Add($"{directory}/{literal}");
                else
                    AddMatches(directory, name, deeper);
            }

            found = deeper;
        }

        found.RemoveAll(static path => !Path.Exists(path));
        return found;
    }

    public override string ToString() => _text;

    private static void AddMatches(string directory, NamePattern name, List<string> found)
    {
        EnumerationOptions all = new() { AttributesToSkip = 0, IgnoreInaccessible = true };
        DirectoryInfo listed = new(directory);
        if (!listed.Exists)
            return;
        foreach (FileSystemInfo entry in listed.EnumerateFileSystemInfos("*", all))
        {
            if (name.Matches(entry.Name))
                found.Add($"{directory}/{entry.Name}");
        }
    }
}
