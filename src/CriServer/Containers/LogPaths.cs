using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Containers;

/// <summary>Where a container's log file lies.</summary>
public static class LogPaths
{
    /// <summary>The absolute path, inside the pod's log directory; empty when the client wants no log.</summary>
    /// <exception cref="CriException">InvalidArgument for a path that leaves the directory.</exception>
    public static string Resolve(string logDirectory, string logPath)
    {
        if (logPath.Length == 0 || logDirectory.Length == 0)
            return "";
        if (logPath.StartsWith('/') || TextLimits.HasDotDot(logPath) || logPath.Any(char.IsControl))
        {
            throw CriException.InvalidArgument(
                $"config.log_path \"{TextLimits.Shorten(logPath)}\" is not a path inside the pod's log_directory");
        }

        return Path.Join(logDirectory, logPath);
    }
}
