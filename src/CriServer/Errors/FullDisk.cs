using CriRuntime.CriServer.State;
using CriRuntime.Images;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Errors;

/// <summary>A file system with the daemon's state that has no room left: how it is told from other failures, and what the caller is told.</summary>
public static class FullDisk
{
    /// <summary>With less than this, and what the refused write needed, a file system counts as full.</summary>
    private const long FewBytes = 1 << 20;

    private const long FewInodes = 16;

    /// <summary>Whether the exception, or one that led to it, is the kernel's ENOSPC or EDQUOT.</summary>
    public static bool IsCauseOf(Exception? exception)
    {
        while (exception is not (null or LinuxException or IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT }))
            exception = exception.InnerException;
        return exception is LinuxException linux ? linux.Errno is Errno.ENOSPC or Errno.EDQUOT : exception is not null;
    }

    /// <summary>Which of the state's directories are on full file systems, what is free there, and what to do; empty when it was not for want of room there.</summary>
    public static string Explain(Exception exception, RuntimeSettings settings)
    {
        if (exception is ImageException || !IsCauseOf(exception)) // the image store has words of its own
            return "";
        string[] full = [.. new[] { settings.Run, settings.Root }.Select(Describe).OfType<string>()];
        return full.Length == 0 ? "" : $" ({string.Join(", ", full)}: remove pods or files there, or grow the file system)";
    }

    private static string? Describe(string directory)
    {
        FileSystemSpace space;
        try
        {
            using DirectoryFd opened = DirectoryFd.Open(directory);
            space = opened.Space();
        }
        catch (LinuxException e)
        {
            return $"{directory} can't be examined: {e.Message}";
        }

        bool lacksInodes = space.TotalInodes > 0 && space.FreeInodes < FewInodes; // some file systems count none
        return space.AvailableBytes < FewBytes || lacksInodes
            ? $"{directory} has {space.AvailableBytes} bytes and {space.FreeInodes} inodes free"
            : null;
    }
}
