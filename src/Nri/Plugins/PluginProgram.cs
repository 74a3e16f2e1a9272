namespace CriRuntime.Nri.Plugins;

/// <summary>A plugin to be started with the runtime.</summary>
/// <param name="Configuration">Its own, as the operator wrote it; empty: none.</param>
internal sealed record PluginProgram(string Path, PluginIdentity Identity, string Configuration)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The executable files of the directory, by index. A directory that does not exist has none.</summary>
    /// <param name="refused">Told about each executable that is no plugin, and why.</param>
    internal static IReadOnlyList<PluginProgram> Find(string directory, string configDirectory, Action<string, string> refused)
    {
        List<PluginProgram> found = [];
        if (!Directory.Exists(directory))
            return found;
        string[] files = Directory.GetFiles(directory);
        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files)
        {
            if ((File.GetUnixFileMode(file) & Executable) == 0)
                continue;
            try
            {
                PluginIdentity identity = PluginIdentity.Parse(System.IO.Path.GetFileName(file));
                found.Add(new PluginProgram(file, identity, Configure(configDirectory, identity)));
            }
            catch (Exception e) when (e is NriException or IOException or UnauthorizedAccessException)
            {
                refused(file, e.Message);
            }
        }

        return found;
    }

    private static string Configure(string directory, PluginIdentity identity)
    {
        foreach (string name in (string[])[identity.ToString(), identity.BaseName])
        {
            string file = System.IO.Path.Join(directory, name + ".conf");
            if (File.Exists(file))
                return File.ReadAllText(file);
        }

        return "";
    }
}
