using System.Text;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Logs;

/// <summary>
/// Where a container's log is to be, and the one way of opening it. The kubelet's log directories may be mounted
/// writable into pods, so below the trusted directory no symbolic link is followed and nothing but a regular file is
/// written to (CVE-2025-0750).
/// </summary>
internal sealed class LogLocation
{
    private const uint Permissions = 0x1A0; // 0640

    private readonly string _directory;
    private readonly byte[] _name;
    private readonly PathResolution _resolution;

    private LogLocation(string path, string directory, string name, PathResolution resolution)
    {
        FullPath = path;
        _directory = directory;
        _name = Encoding.UTF8.GetBytes(name);
        _resolution = resolution;
    }

    internal string FullPath { get; }

    /// <summary>Decides how the path is to be walked.</summary>
    /// <exception cref="MonitorException">The path is not absolute, has "." or ".." or a NUL in it, or lies outside the directory.</exception>
    internal static LogLocation Of(string path, string directory)
    {
        RequirePlain(path);
        if (directory.Length == 0)
        {
            int slash = path.LastIndexOf('/');
            return new LogLocation(path, path[..(slash + 1)], path[(slash + 1)..], PathResolution.NoSymlinks | PathResolution.Beneath);
        }

        RequirePlain(directory);
        string trusted = directory.TrimEnd('/') + "/";
        if (!path.StartsWith(trusted, StringComparison.Ordinal))
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"log path {path} is not below the log directory {directory}");
        return new LogLocation(path, trusted, path[trusted.Length..], PathResolution.NoSymlinks | PathResolution.Beneath);
    }

    /// <exception cref="MonitorException">LogUnavailable: the file cannot be opened or is not a regular file.</exception>
    internal FileDescriptor Open()
    {
        try
        {
            using DirectoryFd directory = DirectoryFd.Open(_directory);
            FileDescriptor file = directory.OpenForAppending(_name, Permissions, _resolution);
            return file;
        }
        catch (LinuxException e)
        {
            string hint = e.Errno is Errno.ELOOP or Errno.EXDEV ? " (a symbolic link in it is not followed)" : "";
            throw new MonitorException(MonitorErrorKind.LogUnavailable, $"cannot open the log file {FullPath}{hint}: {e.Message}");
        }
    }

    /// <summary>Takes the file's name away; whoever has it open keeps it. Fine when there is none.</summary>
    /// <exception cref="LinuxException">It is a directory, or the file system refuses.</exception>
    internal void Unlink()
    {
        using DirectoryFd directory = DirectoryFd.Open(_directory);
        int slash = Array.LastIndexOf(_name, (byte)'/');
        if (slash < 0)
        {
            directory.Unlink(_name);
            return;
        }

        using DirectoryFd parent = directory.OpenDirectory(_name.AsSpan(0, slash), _resolution);
        parent.Unlink(_name.AsSpan(slash + 1));
    }

    private static void RequirePlain(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"log path \"{path}\" is not an absolute path");
        foreach (string part in path.Split('/'))
        {
            if (part is "." or "..")
                throw new MonitorException(MonitorErrorKind.InvalidRequest, $"log path {path} has a \"{part}\" in it");
        }

        if (path.EndsWith('/'))
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"log path {path} names a directory");
    }
}
