namespace CriRuntime.Linux;

/// <summary>
/// A unix SOCK_SEQPACKET socket: frames keep their borders and may carry descriptors (SCM_RIGHTS, unix(7)).
/// Everything is non-blocking and close-on-exec.
/// </summary>
public sealed unsafe class SeqPacketSocket : IDisposable
{
    /// <summary>The most descriptors that one frame may carry.</summary>
    public const int MaxDescriptors = 8;

    private const int ControlSize = 16 + (MaxDescriptors * sizeof(int));
    private const int Type = Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;

    /// <summary>Takes ownership of a descriptor that is such a socket.</summary>
    public SeqPacketSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    public FileDescriptor Descriptor { get; }

    /// <summary>Two connected sockets.</summary>
    public static (SeqPacketSocket One, SeqPacketSocket Other) Pair()
    {
        int* ends = stackalloc int[2];
        Gate.Check(Libc.SocketPair(Libc.AF_UNIX, Type, 0, ends), "socketpair");
        return (new SeqPacketSocket(new FileDescriptor(ends[0])), new SeqPacketSocket(new FileDescriptor(ends[1])));
    }

    /// <summary>
    /// A listener at <c>name</c> in an open directory, to which only the owner may connect (0600, from the moment it is there); the path of the directory may be of any length.
    /// </summary>
    public static SeqPacketSocket Listen(FileDescriptor directory, string name)
    {
        SeqPacketSocket socket = Create();
        InodeAttributes.SetPermissions(socket.Descriptor, 0x180); // bind gives the file the mode of the socket
        byte* address = stackalloc byte[UnixAddress.Size];
        Gate.Check(Libc.Bind(socket.Descriptor.Number, address, UnixAddress.Write(address, directory, name)), "bind", name);
        Gate.Check(Libc.Listen(socket.Descriptor.Number, backlog: 64), "listen", name);
        return socket;
    }

    /// <summary>Connects to the listener at <c>name</c> in an open directory.</summary>
    /// <exception cref="LinuxException">ENOENT: no socket; ECONNREFUSED: nobody listens any more; EAGAIN: the backlog is full.</exception>
    public static SeqPacketSocket Connect(FileDescriptor directory, string name)
    {
        SeqPacketSocket socket = Create();
        byte* address = stackalloc byte[UnixAddress.Size];
        int result = Libc.Connect(socket.Descriptor.Number, address, UnixAddress.Write(address, directory, name));
        if (result == 0)
            return socket;
        LinuxException failure = new("connect", name, Gate.LastErrno);
        socket.Dispose();
        throw failure;
    }

    /// <summary>The next connection, or null when none waits.</summary>
    public SeqPacketSocket? TryAccept()
    {
        int fd = Libc.Accept(Descriptor.Number, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        if (fd >= 0)
            return new SeqPacketSocket(new FileDescriptor(fd));
        // The peer went away between its connect and this accept: as if it never came.
        return Gate.LastErrno is Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED
            ? null
            : throw new LinuxException("accept4", null, Gate.LastErrno);
    }

    /// <summary>The process that connected, or that listened, at the other end (SO_PEERCRED): pid and uid.</summary>
    public (int Pid, uint Uid) Peer()
    {
        int* credentials = stackalloc int[3];
        uint length = 12;
        Gate.Check(Libc.GetSocketOption(Descriptor.Number, Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, &length), "getsockopt SO_PEERCRED");
        return (credentials[0], (uint)credentials[1]);
    }

    /// <summary>Sends one frame whole or not at all. False when the peer's queue is full; EPIPE or ECONNRESET when it is gone.</summary>
    public bool TrySend(ReadOnlySpan<byte> frame, ReadOnlySpan<FileDescriptor> descriptors = default)
    {
        byte* control = stackalloc byte[ControlSize];
        nint sent;
        fixed (byte* start = frame)
        {
            Libc.IoVector vector = new() { Start = start, Length = (nuint)frame.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                message.Control = control;
                message.ControlLength = WriteRights(control, descriptors);
            }

            do
                sent = Libc.SendMessage(Descriptor.Number, &message, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT);
            while (Gate.Interrupted(sent));
        }

        if (sent < 0 && Gate.LastErrno is Errno.EAGAIN or Errno.ENOBUFS)
            return false;
        Gate.Check(sent, "sendmsg");
        return true;
    }

    /// <summary>
    /// Receives one frame. Returns its length, 0 when the peer has closed, -1 when none waits. Descriptors that came
    /// with it are appended to <paramref name="descriptors"/> and belong to the caller.
    /// </summary>
    /// <exception cref="LinuxException">EMSGSIZE: the frame is longer than the buffer (it is lost, its descriptors are closed); ECONNRESET.</exception>
    public int TryReceive(Span<byte> buffer, List<FileDescriptor> descriptors)
    {
        byte* control = stackalloc byte[ControlSize];
        int before = descriptors.Count;
        nint received;
        Libc.MessageHeader message = default;
        fixed (byte* start = buffer)
        {
            Libc.IoVector vector = new() { Start = start, Length = (nuint)buffer.Length };
            do
            {
                message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlSize };
                received = Libc.ReceiveMessage(Descriptor.Number, &message, Libc.MSG_CMSG_CLOEXEC | Libc.MSG_DONTWAIT);
            }
            while (Gate.Interrupted(received));
        }

        if (received < 0 && Gate.LastErrno == Errno.EAGAIN)
            return -1;
        Gate.Check(received, "recvmsg");
        ReadRights(control, message.ControlLength, descriptors);
        if ((message.Flags & Libc.MSG_TRUNC) == 0)
            return (int)received;
        for (int i = before; i < descriptors.Count; i++)
            descriptors[i].Dispose();
        descriptors.RemoveRange(before, descriptors.Count - before);
        throw new LinuxException("recvmsg", null, Errno.EMSGSIZE);
    }

    public void Dispose() => Descriptor.Dispose();

    private static SeqPacketSocket Create() => new(Gate.Open(Libc.Socket(Libc.AF_UNIX, Type, 0), "socket"));

    private static nuint WriteRights(byte* control, ReadOnlySpan<FileDescriptor> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        Libc.ControlHeader* header = (Libc.ControlHeader*)control;
        header->Length = (nuint)(sizeof(Libc.ControlHeader) + (descriptors.Length * sizeof(int)));
        header->Level = Libc.SOL_SOCKET;
        header->Type = Libc.SCM_RIGHTS;
        int* numbers = (int*)(control + sizeof(Libc.ControlHeader));
        for (int i = 0; i < descriptors.Length; i++)
            numbers[i] = descriptors[i].Number;
        return (header->Length + 7) & ~(nuint)7;
    }

    private static void ReadRights(byte* control, nuint length, List<FileDescriptor> descriptors)
    {
        nuint offset = 0;
        while (offset + (nuint)sizeof(Libc.ControlHeader) <= length)
        {
            Libc.ControlHeader* header = (Libc.ControlHeader*)(control + offset);
            if (header->Length < (nuint)sizeof(Libc.ControlHeader))
                return;
            int count = (int)(header->Length - (nuint)sizeof(Libc.ControlHeader)) / sizeof(int);
            int* numbers = (int*)(control + offset + (nuint)sizeof(Libc.ControlHeader));
            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                for (int i = 0; i < count; i++)
                    descriptors.Add(new FileDescriptor(numbers[i]));
            }

            offset += (header->Length + 7) & ~(nuint)7;
        }
    }
}
