using System.Text;

namespace CriRuntime.Linux;

/// <summary>Hands a terminal to whoever listens on a unix stream socket, as runc's --console-socket does: one message with the master's descriptor.</summary>
public static unsafe class ConsoleSocket
{
    private const int LongestPath = 107;

    /// <exception cref="LinuxException">Nobody listens there, or the path is too long.</exception>
    public static void Send(string path, FileDescriptor master)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > LongestPath)
            throw new LinuxException("connect", path, Errno.ENAMETOOLONG);
        using FileDescriptor socket = Gate.Open(Libc.Socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0), "socket");
        byte* address = stackalloc byte[UnixAddress.Size];
        new Span<byte>(address, UnixAddress.Size).Clear();
        *(ushort*)address = Libc.AF_UNIX;
        name.CopyTo(new Span<byte>(address + 2, LongestPath));
        int connected;
        do
        {
            connected = Libc.Connect(socket.Number, address, (uint)(3 + name.Length));
        }
        while (Gate.Interrupted(connected));
        Gate.Check(connected, "connect", path);
        SendDescriptor(socket, master, path);
    }

    private static void SendDescriptor(FileDescriptor socket, FileDescriptor master, string path)
    {
        byte* content = stackalloc byte[] { (byte)'/', (byte)'d', (byte)'e', (byte)'v', (byte)'/', (byte)'p', (byte)'t', (byte)'m', (byte)'x' };
        Libc.IoVector vector = new() { Start = content, Length = 9 };
        ulong* control = stackalloc ulong[3];
        control[0] = 20; // CMSG_LEN(4)
        control[1] = Libc.SOL_SOCKET | ((ulong)Libc.SCM_RIGHTS << 32);
        control[2] = (uint)master.Number;
        Libc.MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = (byte*)control, ControlLength = 24 };
        nint sent;
        do
        {
            sent = Libc.SendMessage(socket.Number, &header, Libc.MSG_NOSIGNAL);
        }
        while (Gate.Interrupted(sent));
        Gate.Check(sent, "sendmsg", path);
        GC.KeepAlive(master);
    }
}
