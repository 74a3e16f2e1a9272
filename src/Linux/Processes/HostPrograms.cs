namespace CriRuntime.Linux;

/// <summary>Programs of the host, as this one finds them and as those that it starts do.</summary>
public static class HostPrograms
{
    /// <summary>Where a program of the host may expect others.</summary>
    public const string Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary><see cref="Path"/> as the one environment variable that such a program gets.</summary>
    public const string PathVariable = "PATH=" + Path;

    /// <summary>A program's absolute path, looked up anew each time: it may be installed while this one runs. Null where it is missing or can't be executed.</summary>
    /// <param name="program">An absolute path, or a name that is looked up in this process's PATH and then in <see cref="Path"/>.</param>
    public static string? Find(string program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.StartsWith('/'))
            return IsProgram(program) ? program : null;
        foreach (string directory in $"{Environment.GetEnvironmentVariable("PATH")}:{Path}".Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = System.IO.Path.Join(directory, program);
            if (IsProgram(path))
                return path;
        }

        return null;
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
