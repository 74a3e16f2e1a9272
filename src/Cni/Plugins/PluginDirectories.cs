namespace CriRuntime.Cni.Plugins;

/// <summary>Finds plugin binaries by type.</summary>
internal sealed class PluginDirectories(IReadOnlyList<string> directories)
{
    /// <summary>CNI_PATH.</summary>
    internal string Path { get; } = string.Join(':', directories);

    internal IReadOnlyList<string> Directories => directories;

    /// <summary>The binary's path in the first directory that has it; null where none has. A type with a '/' is never found.</summary>
    internal string? Find(string type)
    {
        if (type.Contains('/') || type is "." or "..")
            return null;
        foreach (string directory in directories)
        {
            string path = System.IO.Path.Combine(directory, type);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
