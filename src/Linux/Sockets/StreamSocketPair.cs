using System.Net.Sockets;

namespace CriRuntime.Linux;

/// <summary>Two connected unix stream sockets: one for this process, one to be inherited by a program that it starts.</summary>
public static unsafe class StreamSocketPair
{
    /// <returns>Both close-on-exec.</returns>
    public static (Socket Ours, FileDescriptor Theirs) Create()
    {
        int* ends = stackalloc int[2];
        Gate.Check(Libc.SocketPair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, ends), "socketpair");
        return (new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)), new FileDescriptor(ends[1]));
    }
}
