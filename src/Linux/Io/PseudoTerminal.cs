using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>Operations on either side of a pseudo-terminal (pty(7)).</summary>
public static unsafe class PseudoTerminal
{
    private const nuint TIOCSWINSZ = 0x5414;

    /// <summary>Sets the window size in characters (1 to 65535); the foreground process group gets SIGWINCH.</summary>
    public static void Resize(FileDescriptor terminal, int width, int height)
    {
        ushort* size = stackalloc ushort[] { (ushort)height, (ushort)width, 0, 0 };
        Gate.Check(Libc.Ioctl(terminal.Number, TIOCSWINSZ, size), "ioctl TIOCSWINSZ");
    }
}

/// <content>ioctl(2).</content>
internal static unsafe partial class Libc
{
    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, void* argument);
}
