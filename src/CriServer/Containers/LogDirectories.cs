using System.Text;
using CriRuntime.CriServer.Errors;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Containers;

/// <summary>Makes the directories of a log file below the pod's log directory; a link planted in there is not followed (CVE-2025-0750).</summary>
public static class LogDirectories
{
    /// <exception cref="CriException">FailedPrecondition naming the directory.</exception>
    public static void Create(string logDirectory, string logPath)
    {
        try
        {
            Directory.CreateDirectory(logDirectory);
            DirectoryFd current = DirectoryFd.Open(logDirectory);
            foreach (string part in Path.GetRelativePath(logDirectory, logPath).Split('/').SkipLast(1))
            {
                using DirectoryFd parent = current;
                byte[] name = Encoding.UTF8.GetBytes(part);
                parent.TryMakeDirectory(name, 0x1ED); // 0755
                current = parent.OpenDirectory(name, PathResolution.NoSymlinks);
            }

            current.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"the directory of log file {logPath} can't be made: {e.Message}", e);
        }
    }
}
