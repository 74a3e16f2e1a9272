namespace CriRuntime.Linux;

/// <summary>Where another runtime's binary hands over a terminal (runc's --console-socket): the receiving side of <see cref="ConsoleSocket"/>.</summary>
public sealed unsafe class ConsoleListener : IDisposable
{
    /// <summary>Longer than any path of a terminal, which comes with it.</summary>
    private const int LongestName = 4096;

    // It accepts connections and receives descriptors like one of frames.
    private readonly SeqPacketSocket _socket;

    private ConsoleListener(FileDescriptor socket) => _socket = new SeqPacketSocket(socket);

    /// <summary>A listener at <c>name</c> in an open directory; the path of the directory may be of any length.</summary>
    public static ConsoleListener Open(FileDescriptor directory, string name)
    {
        FileDescriptor socket = Gate.Open(Libc.Socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0), "socket");
        try
        {
            byte* address = stackalloc byte[UnixAddress.Size];
            Gate.Check(Libc.Bind(socket.Number, address, UnixAddress.Write(address, directory, name)), "bind", name);
            Gate.Check(Libc.Listen(socket.Number, backlog: 1), "listen", name);
            return new ConsoleListener(socket);
        }
        catch (LinuxException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The terminal's master side, non-blocking, once somebody has connected and sent it; null otherwise. Does not wait.</summary>
    public FileDescriptor? TryTake()
    {
        using SeqPacketSocket? connection = _socket.TryAccept();
        if (connection is null)
            return null;
        List<FileDescriptor> received = [];
        connection.TryReceive(stackalloc byte[LongestName], received);
        for (int i = 1; i < received.Count; i++)
            received[i].Dispose();
        if (received.Count == 0)
            return null;
        received[0].SetNonBlocking();
        return received[0];
    }

    public void Dispose() => _socket.Dispose();
}
