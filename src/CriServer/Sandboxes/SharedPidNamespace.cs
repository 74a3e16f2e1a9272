using System.Globalization;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Ends what a lost monitor left of a pod's shared pid namespace: its first process, which would otherwise live for ever. The monitor does this where there is one.</summary>
public static class SharedPidNamespace
{
    private const int Kill = 9;

    /// <summary>Kills the namespace's first process, and with it every other (pid_namespaces(7)). Fine when there is no such namespace.</summary>
    /// <param name="pin">The pinned namespace.</param>
    public static void End(string pin)
    {
        if (!File.Exists(pin))
            return;
        using DirectoryFd directory = DirectoryFd.Open(Path.GetDirectoryName(pin)!);
        if (directory.TryStat(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(pin))) is not { } facts)
            return;
        string link = string.Create(CultureInfo.InvariantCulture, $"pid:[{facts.Inode}]");
        if (IsIn("/proc/self", link))
            return; // the host's own
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int pid) && IsIn(process, link))
                TryKill(pid, process, link);
        }
    }

    /// <summary>The pid may have passed to another process, so it is looked at again once the descriptor holds on to it.</summary>
    private static void TryKill(int pid, string process, string link)
    {
        try
        {
            using FileDescriptor held = PidFd.Open(pid);
            if (IsIn(process, link))
                PidFd.Signal(held, Kill);
        }
        catch (LinuxException e) when (e.Errno == Errno.ESRCH)
        {
            // It has ended.
        }
    }

    private static bool IsIn(string process, string link)
    {
        try
        {
            return new FileInfo(Path.Join(process, "ns", "pid")).LinkTarget == link;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }
    }
}
