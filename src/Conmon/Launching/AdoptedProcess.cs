using System.Buffers.Text;
using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Launching;

/// <summary>
/// A process that another program (runc, criu) has made and left behind. That program's end makes it a child of the monitor, the subreaper; a file names it. It may have ended
/// before: while children are expected (<see cref="Children.Expect"/>) their ends are kept. Whatever the file says, no stranger is ever signalled.
/// </summary>
internal sealed class AdoptedProcess : IDisposable
{
    private readonly Children _children;
    private readonly FileDescriptor? _pidFd;

    private AdoptedProcess(Children children, int pid, FileDescriptor? pidFd, ExitStatus? end)
    {
        _children = children;
        Pid = pid;
        _pidFd = pidFd;
        End = end;
    }

    internal int Pid { get; }

    /// <summary>How it ended, once that was seen.</summary>
    internal ExitStatus? End { get; private set; }

    /// <summary>Takes over the process that a file names, in the monitor's pid namespace.</summary>
    /// <exception cref="InvalidDataException">The file holds no pid, or that of a process which was not left to the monitor.</exception>
    /// <exception cref="LinuxException">The file can't be read.</exception>
    internal static AdoptedProcess Adopt(Children children, DirectoryFd directory, byte[] pidFile)
    {
        int pid = ReadPid(directory, pidFile);
        if (TryOpen(children, pid) is { } pidFd)
            return new AdoptedProcess(children, pid, pidFd, null);
        return children.TryClaim(pid) is { } end
            ? new AdoptedProcess(children, pid, null, end)
            : throw new InvalidDataException($"the process {pid} that its pid file names is not one that it has left behind");
    }

    /// <summary>From here on its end is told to <paramref name="owner"/>; one that has ended already has it in <see cref="End"/>.</summary>
    internal void Watch(IChild owner)
    {
        if (_pidFd is not null)
            _children.Add(Pid, owner);
    }

    /// <summary>Nothing when it has ended.</summary>
    internal void Signal(int signal)
    {
        if (_pidFd is not null && End is null)
            PidFd.Signal(_pidFd, signal);
    }

    /// <summary>How it ended; null while it runs.</summary>
    internal ExitStatus? TryReap() => End ??= _pidFd is null ? null : PidFd.TryReap(_pidFd);

    public void Dispose() => _pidFd?.Dispose();

    /// <summary>Null: it is no child of the monitor's, or another's that is known already.</summary>
    private static FileDescriptor? TryOpen(Children children, int pid)
    {
        if (children.Knows(pid))
            return null;
        FileDescriptor? opened = null;
        try
        {
            opened = PidFd.Open(pid);
            PidFd.TryPeek(opened); // ECHILD
            return opened;
        }
        catch (LinuxException e) when (e.Errno is Errno.ESRCH or Errno.ECHILD or Errno.EINVAL)
        {
            opened?.Dispose();
            return null;
        }
    }

    private static int ReadPid(DirectoryFd directory, byte[] name)
    {
        Span<byte> text = stackalloc byte[16];
        using FileDescriptor file = directory.OpenForReading(name, PathResolution.NoSymlinks);
        int length = file.ReadAt(text, 0);
        return Utf8Parser.TryParse(text[..length], out int pid, out int used) && pid > 0 && text[used..length].Trim((byte)'\n').IsEmpty
            ? pid
            : throw new InvalidDataException("its pid file holds no number of a process");
    }
}
